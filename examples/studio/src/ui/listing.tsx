/**
 * The disassembly. Only the rows in sight are in the page, so that code of any length scrolls. One row has the focus; the
 * arrows move it, and Enter or Space sets a breakpoint there.
 */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { digits, short } from '../format.ts';
import { useStudio } from '../studio.ts';
import type { Listing as Code, View } from '../worker/protocol.ts';

/** Pixels; the style sheet has the same. */
const ROW = 26;
/** Rows beyond those in sight. */
const SPARE = 12;

interface ListingProps {
  readonly listing: Code;
  readonly view: View;
}

export function Listing({ listing, view }: ListingProps) {
  const { instructions } = listing;
  const current = view.pc === null ? -1 : indexOf(instructions, view.pc);
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [focused, setFocused] = useState(0);
  const height = box.current?.clientHeight ?? 600;

  useLayoutEffect(() => {
    const { current: element } = box;
    if (element === null || current < 0) return;
    const at = current * ROW;
    const isInSight =
      at >= element.scrollTop + ROW && at <= element.scrollTop + element.clientHeight - 3 * ROW;
    if (!isInSight) element.scrollTop = Math.max(0, at - element.clientHeight / 3);
    setFocused(current);
  }, [current]);
  useEffect(() => {
    if (box.current !== null && current < 0) box.current.scrollTop = 0;
  }, [listing]);

  const focus = (row: number): void => {
    const next = Math.max(0, Math.min(row, instructions.length - 1));
    setFocused(next);
    const element = box.current!;
    if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
    const below = (next + 1) * ROW - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
    requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus());
  };
  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const onKey = (event: KeyboardEvent): void => {
    const rows = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (rows === undefined) return;
    event.preventDefault();
    focus(focused + rows);
  };

  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  const last = Math.min(instructions.length, Math.ceil((top + height) / ROW) + SPARE);
  const rows = instructions.slice(first, last).map((_, i) => first + i);
  const reachable = focused >= first && focused < last ? focused : first;
  return (
    <section class="listing" aria-labelledby="listing-title">
      <h3 id="listing-title">
        Code{' '}
        <span class="note">
          of {short(listing.address)}, {digits(listing.size)} bytes
        </span>
      </h3>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset does not scroll */}
      <div
        class="rows"
        ref={box}
        role="group"
        aria-label="Disassembly; Enter sets a breakpoint"
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={onKey}
      >
        {instructions.length === 0 && <p class="empty">There is no code.</p>}
        <div style={{ height: `${instructions.length * ROW}px` }}>
          <div style={{ transform: `translateY(${first * ROW}px)` }}>
            {rows.map((row) => (
              <Row
                key={row}
                row={row}
                listing={listing}
                view={view}
                isCurrent={row === current}
                isFocused={row === reachable}
              />
            ))}
          </div>
        </div>
      </div>
    </section>
  );
}

interface RowProps extends ListingProps {
  readonly row: number;
  readonly isCurrent: boolean;
  readonly isFocused: boolean;
}

function Row({ row, listing, view, isCurrent, isFocused }: RowProps) {
  const { studio } = useStudio();
  const { pc, name, byte, immediate } = listing.instructions[row]!;
  const account = listing.address;
  const set = view.breakpoints.find(
    ({ breakpoint }) => breakpoint.kind === 'pc' && breakpoint.pc === pc && breakpoint.account === account,
  );
  const words = name ?? `0x${byte.toString(16).padStart(2, '0')}`;
  const toggle = (): void => {
    if (set === undefined) studio.addBreakpoint({ kind: 'pc', pc, account });
    else studio.removeBreakpoint(set.id);
  };
  return (
    <button
      type="button"
      data-row={row}
      class={`row${isCurrent ? ' current' : ''}${set === undefined ? '' : ' marked'}${name === undefined ? ' unknown' : ''}`}
      aria-current={isCurrent ? 'step' : undefined}
      aria-pressed={set !== undefined}
      aria-label={`${pc}: ${words} ${immediate ?? ''}, breakpoint`}
      title={immediate === undefined || immediate.length < 24 ? undefined : immediate}
      tabIndex={isFocused ? 0 : -1}
      onClick={toggle}
    >
      <span class="dot" />
      <span class="pc">{pc}</span>
      <span class="op">{words}</span>
      <span class="operand">{immediate}</span>
    </button>
  );
}

/** Of the instruction at a place, by halving. */
function indexOf(instructions: Code['instructions'], pc: number): number {
  let low = 0;
  let high = instructions.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = instructions[middle]!.pc;
    if (at === pc) return middle;
    if (at < pc) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
