/** Breakpoints beside those of single instructions. */

import { useState } from 'preact/hooks';
import { short } from '../format.ts';
import { useStudio } from '../studio.ts';
import type { Breakpoint, SetBreakpoint } from '../worker/debugger-types.ts';

const KINDS = {
  opcode: { words: 'Instruction', operand: 'SSTORE' },
  pc: { words: 'Place in code', operand: '0' },
  slot: { words: 'Storage write', operand: null },
  log: { words: 'Log', operand: null },
  revert: { words: 'Failing call', operand: null },
  address: { words: 'Call of account', operand: '0x…' },
  gas: { words: 'Gas below', operand: '100000' },
} as const;
type Kind = keyof typeof KINDS;

function breakpointOf(kind: Kind, operand: string): Breakpoint {
  const text = operand.trim();
  switch (kind) {
    case 'opcode':
      return { kind, opcode: text.toUpperCase() };
    case 'pc':
      return { kind, pc: Number(text === '' ? Number.NaN : text) };
    case 'address':
      return { kind, address: text };
    case 'gas':
      return { kind, below: text };
    default:
      return { kind };
  }
}

function wordsOf(breakpoint: Breakpoint): string {
  switch (breakpoint.kind) {
    case 'pc': {
      const { account } = breakpoint;
      return `Place ${breakpoint.pc}${typeof account === 'string' ? ` of ${short(account as `0x${string}`)}` : ''}`;
    }
    case 'opcode':
      return `Instruction ${breakpoint.opcode}`;
    case 'address':
      return `Call of account ${breakpoint.address}`;
    case 'gas':
      return `Gas below ${breakpoint.below}`;
    case 'line':
      return `Line ${breakpoint.line}`;
    default:
      return KINDS[breakpoint.kind].words;
  }
}

export function Breakpoints({ breakpoints }: { readonly breakpoints: readonly SetBreakpoint[] }) {
  const { studio } = useStudio();
  const [kind, setKind] = useState<Kind>('opcode');
  const [operand, setOperand] = useState('');
  const { operand: hint } = KINDS[kind];
  return (
    <section class="breakpoints" aria-labelledby="breakpoints-title">
      <h3 id="breakpoints-title">Breakpoints</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          studio.addBreakpoint(breakpointOf(kind, operand));
        }}
      >
        <label>
          <span class="hidden">Stop at</span>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
            {Object.entries(KINDS).map(([name, { words }]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {hint !== null && (
          <label>
            <span class="hidden">{KINDS[kind].words}</span>
            <input
              type="text"
              class="mono"
              spellcheck={false}
              autocomplete="off"
              placeholder={hint}
              value={operand}
              onInput={(event) => setOperand(event.currentTarget.value)}
            />
          </label>
        )}
        <button type="submit">Add</button>
      </form>
      {breakpoints.length > 0 && (
        <ul>
          {breakpoints.map(({ id, breakpoint }) => (
            <li key={id}>
              <span>{wordsOf(breakpoint)}</span>
              <button
                type="button"
                class="plain"
                aria-label={`Remove ${wordsOf(breakpoint)}`}
                onClick={() => studio.removeBreakpoint(id)}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
