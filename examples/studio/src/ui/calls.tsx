/** The tree of calls. */

import type { CallFrame } from 'erbium/tracers';
import { digits } from '../format.ts';
import { useStudio } from '../studio.ts';
import { Empty, NothingRun } from './empty.tsx';

export function Calls() {
  const { opened } = useStudio().state;
  if (opened === null) return <NothingRun />;
  const { calls, callsNote } = opened;
  if (calls === null) return <Empty>Nothing ran, so there are no calls.</Empty>;
  return (
    <>
      {callsNote !== null && <p class="hint">{callsNote}</p>}
      <ul class="calls">
        <Call call={calls} depth={0} />
      </ul>
    </>
  );
}

/** A call with those below it. */
function Call({ call, depth }: { readonly call: CallFrame; readonly depth: number }) {
  const below = call.calls ?? [];
  return (
    <li>
      <details open={depth < 4}>
        <summary>
          <span class={`chip ${call.error === undefined ? '' : 'bad'}`}>{call.type}</span>
          <span class="mono">{call.to ?? 'no account'}</span>
          <span class="note">{digits(BigInt(call.gasUsed))} gas</span>
          {call.error !== undefined && <span class="error">{call.error}</span>}
        </summary>
        <dl class="facts">
          <Fact name="From" value={call.from} />
          {call.value !== undefined && <Fact name="Value" value={digits(BigInt(call.value))} />}
          <Fact name="Gas given" value={digits(BigInt(call.gas))} />
          <Fact name="Input" value={call.input} />
          {call.output !== undefined && <Fact name="Output" value={call.output} />}
          {call.revertReason !== undefined && <Fact name="Reason" value={call.revertReason} />}
          {call.logs !== undefined && <Fact name="Logs" value={`${call.logs.length}`} />}
        </dl>
        {below.length > 0 && (
          <ul>
            {below.map((child, i) => (
              <Call key={`${i} ${child.to}`} call={child} depth={depth + 1} />
            ))}
          </ul>
        )}
      </details>
    </li>
  );
}

const LONGEST = 2_000;

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="mono">
        {value.length > LONGEST ? `${value.slice(0, LONGEST)}… (${digits(value.length)} characters)` : value}
      </dd>
    </div>
  );
}
