/** What the run changed in the state. */

import type { AccountChange, AccountState } from 'erbium';
import { digits, hexOf } from '../format.ts';
import { useStudio } from '../studio.ts';
import { Empty, NothingRun } from './empty.tsx';

const MOST = 200;

export function Changes() {
  const { opened } = useStudio().state;
  if (opened === null) return <NothingRun />;
  const accounts = Object.entries(opened.outcome.diff);
  if (accounts.length === 0) return <Empty>The run has changed nothing.</Empty>;
  return (
    <ul class="cards">
      {accounts.slice(0, MOST).map(([address, change]) => (
        <li key={address}>
          <h3 class="mono">{address}</h3>
          <Change change={change} />
        </li>
      ))}
    </ul>
  );
}

function Change({ change }: { readonly change: AccountChange }) {
  const { before, after, code, storage } = change;
  const slots = Object.entries(storage);
  const from = (pick: (state: AccountState) => bigint): string =>
    before === null ? 'none' : digits(pick(before));
  const to = (pick: (state: AccountState) => bigint): string =>
    after === null ? 'none' : digits(pick(after));
  const balance = (state: AccountState): bigint => state.balance;
  const nonce = (state: AccountState): bigint => state.nonce;
  return (
    <>
      {before === null && <p>The account is new.</p>}
      {after === null && <p>The account is gone.</p>}
      <table class="slots mono">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {before?.balance !== after?.balance && (
            <Line what="balance" before={from(balance)} after={to(balance)} />
          )}
          {before?.nonce !== after?.nonce && <Line what="nonce" before={from(nonce)} after={to(nonce)} />}
          {code !== null && (
            <Line what="code" before="" after={code.length > 400 ? `${code.slice(0, 400)}…` : code} />
          )}
          {slots.slice(0, MOST).map(([key, slot]) => (
            <Line
              key={key}
              what={`slot ${hexOf(BigInt(key))}`}
              before={hexOf(slot.before)}
              after={hexOf(slot.after)}
            />
          ))}
        </tbody>
      </table>
      {slots.length > MOST && <p class="note">and {slots.length - MOST} more slots</p>}
    </>
  );
}

interface LineProps {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

const Line = ({ what, before, after }: LineProps) => (
  <tr>
    <td>{what}</td>
    <td>{before}</td>
    <td>{after}</td>
  </tr>
);
