/** How the run ended, in one line. */

import { digits } from '../format.ts';
import { useStudio } from '../studio.ts';
import type { Opened, Outcome } from '../worker/protocol.ts';

const STATUS_WORDS: Readonly<Record<Outcome['status'], string>> = {
  success: 'Success',
  revert: 'Reverted',
  halt: 'Failed',
  limit: 'Stopped by the page',
  invalid: 'Transaction refused',
};

/** The live region is there from the start: readers tell only what changes in one that they know. */
export function OutcomeBar() {
  const { opened } = useStudio().state;
  return (
    <div role="status" aria-label="Outcome">
      {opened !== null && <Line opened={opened} />}
    </div>
  );
}

function Line({ opened }: { readonly opened: Opened }) {
  const { outcome, verdict } = opened;
  const { status, reason, gasUsed, gasRefunded, output, created, engine, milliseconds } = outcome;
  const kind = status === 'success' ? 'good' : status === 'limit' ? 'warn' : 'bad';
  return (
    <div class="outcome">
      <p class="line">
        <span class={`chip ${kind}`}>{STATUS_WORDS[status]}</span>
        {status !== 'success' && reason !== 'reverted' && <span>{reason}</span>}
        {verdict !== null && (
          <span class={`chip ${verdict.pass ? 'good' : 'bad'}`}>
            {verdict.pass ? 'As the test states' : 'Not as the test states'}
          </span>
        )}
      </p>
      {status === 'limit' && (
        <p class="hint">
          That says nothing about the code but that it is long. The debugger goes as far as you lead it.
        </p>
      )}
      <dl class="facts">
        <Fact name="Gas used">{digits(gasUsed)}</Fact>
        {gasRefunded > 0n && <Fact name="Refund">{digits(gasRefunded)}</Fact>}
        <Fact name={`Time on ${engine}`}>
          {milliseconds < 10 ? milliseconds.toFixed(1) : digits(Math.round(milliseconds))} ms
        </Fact>
        {created !== null && <Fact name="Created">{created}</Fact>}
        {output !== '0x' && <Fact name={`Output, ${digits((output.length - 2) / 2)} bytes`}>{output}</Fact>}
      </dl>
      {verdict !== null && verdict.problems.length > 0 && (
        <ul class="problems">
          {verdict.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
