/** Bytes of memory and of return data: 16 to a row, with the letters that they may be. */

import { digits, hexByte } from '../format.ts';
import { useStudio } from '../studio.ts';
import type { View } from '../worker/protocol.ts';
import { Pane } from './pane.tsx';

const WIDTH = 16;
const PAGE = 512;

export function Memory({ view }: { readonly view: View }) {
  const { studio } = useStudio();
  const { offset, size, bytes } = view.memory;
  return (
    <Pane title="Memory" note={size === 0 ? 'empty' : `${digits(size)} bytes`}>
      {size > 0 && <Bytes bytes={bytes} from={offset} label="Memory" />}
      {size > PAGE && (
        <div class="pages">
          <button type="button" disabled={offset === 0} onClick={() => studio.showMemory(offset - PAGE)}>
            Lower
          </button>
          <button
            type="button"
            disabled={offset + PAGE >= size}
            onClick={() => studio.showMemory(offset + PAGE)}
          >
            Higher
          </button>
          <label>
            From byte{' '}
            <input
              type="number"
              class="mono"
              min={0}
              max={size - 1}
              step={WIDTH}
              value={offset}
              onChange={(event) => {
                const to = event.currentTarget.valueAsNumber;
                if (to >= 0) studio.showMemory(Math.floor(to / WIDTH) * WIDTH);
              }}
            />
          </label>
        </div>
      )}
    </Pane>
  );
}

export function ReturnData({ view }: { readonly view: View }) {
  const { size, bytes } = view.returnData;
  if (size === 0) return null;
  const note =
    size > bytes.length ? `the first ${bytes.length} of ${digits(size)} bytes` : `${digits(size)} bytes`;
  return (
    <Pane title="Return data" note={note}>
      <Bytes bytes={bytes} from={0} label="Return data" />
    </Pane>
  );
}

interface BytesProps {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly label: string;
}

function Bytes({ bytes, from, label }: BytesProps) {
  const rows = Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, i) => i * WIDTH);
  return (
    <table class="bytes mono" aria-label={label}>
      <tbody>
        {rows.map((at) => {
          const row = bytes.subarray(at, at + WIDTH);
          const isZero = row.every((byte) => byte === 0);
          return (
            <tr key={at} class={isZero ? 'zero' : ''}>
              <th scope="row">{(from + at).toString(16).padStart(4, '0')}</th>
              <td>{groupsOf(row)}</td>
              <td class="letters" aria-hidden="true">
                {[...row].map(letterOf).join('')}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Four bytes to a group, so that a row breaks between words on a narrow page. */
const groupsOf = (row: Uint8Array): string =>
  Array.from({ length: Math.ceil(row.length / 4) }, (_, i) =>
    [...row.subarray(4 * i, 4 * i + 4)].map(hexByte).join(''),
  ).join(' ');

const letterOf = (byte: number): string => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');
