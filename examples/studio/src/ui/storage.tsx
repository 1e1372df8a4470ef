/** Storage that the run has looked at, by account, that of the running one first. */

import { hexOf, short } from '../format.ts';
import type { AccountSlots, View } from '../worker/protocol.ts';
import { Pane } from './pane.tsx';

export function Storage({ view }: { readonly view: View }) {
  const { accounts, refund, hasWarmth } = view;
  const note = accounts.length === 0 ? 'none was looked at' : refund > 0n ? `refund ${refund}` : undefined;
  return (
    <Pane title="Storage" note={note}>
      {accounts.map((account) => (
        <Account key={account.address} account={account} hasWarmth={hasWarmth} />
      ))}
    </Pane>
  );
}

interface AccountProps {
  readonly account: AccountSlots;
  readonly hasWarmth: boolean;
}

function Account({ account, hasWarmth }: AccountProps) {
  const { address, slots, transient, more } = account;
  return (
    <table class="slots">
      <caption class="mono" title={address}>
        {short(address)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Slot</th>
          <th scope="col">Value</th>
          <th scope="col">Before</th>
        </tr>
      </thead>
      <tbody class="mono">
        {slots.map(({ key, value, original, warm }) => (
          <tr key={key.toString()} class={value === original ? '' : 'changed'}>
            <td>
              {hexOf(key)}
              {hasWarmth && !warm ? ' cold' : ''}
            </td>
            <td>{hexOf(value)}</td>
            <td>{hexOf(original)}</td>
          </tr>
        ))}
        {transient.map(({ key, value }) => (
          <tr key={`transient ${key}`}>
            <td>{hexOf(key)}</td>
            <td>{hexOf(value)}</td>
            <td>transient</td>
          </tr>
        ))}
      </tbody>
      {more > 0 && (
        <tfoot>
          <tr>
            <td colSpan={3}>and {more} more</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}
