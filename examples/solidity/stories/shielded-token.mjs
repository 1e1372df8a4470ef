// Ether in notes of which nobody sees the amount.

import { hexToBytes } from 'erbium';
import { proveConfidentialTransfer } from 'erbium/ext/privacy';
import {
  ALICE,
  BOB,
  balanceOf,
  CAROL,
  deploy,
  little,
  locally,
  MALLORY,
  number,
  say,
  secret,
} from './world.mjs';

const PEDERSEN_COMMIT = 0xe109n;
const GWEI = 10n ** 9n;
/** Of ristretto255. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const NOBODY = `0x${'0'.repeat(40)}`;

const noteOf = (owner, value, label) => ({ owner, value, blinding: number(secret(label)) % ORDER });
const commitmentOf = ({ value, blinding }) => locally(PEDERSEN_COMMIT, little(value), little(blinding));

export function run() {
  const token = deploy('ShieldedToken', []);

  /** A transfer, as its maker proves it on their own machine; `fee` is what leaves in public. */
  const prove = (action, caller, inputs, outputs, fee = 0n, recipient = NOBODY) => {
    const owners = outputs.map(({ owner }) => owner);
    const context = hexToBytes(token.read('contextOf', action, caller, recipient, owners));
    const made = proveConfidentialTransfer(inputs, outputs, fee, context, secret('prover'));
    return [made.outputs, owners, made.signature, made.rangeProof];
  };

  const first = noteOf(ALICE, 5_000_000_000n, 'first');
  const made = prove('deposit', ALICE, [{ value: first.value, blinding: 0n }], [first]);
  token.send('Alice deposits 5 ether, and claims it was 6', ALICE, 'deposit', [made], 6_000_000_000n * GWEI);
  token.send('Mallory copies her deposit for herself', MALLORY, 'deposit', [made], first.value * GWEI);
  token.send('Alice deposits 5 ether as it is', ALICE, 'deposit', [made], first.value * GWEI);

  const [paid, change] = [noteOf(BOB, 2_000_000_000n, 'paid'), noteOf(ALICE, 3_000_000_000n, 'change')];
  const spent = [[commitmentOf(first)], prove('transfer', ALICE, [first], [paid, change])];
  const [outputs, , signature, rangeProof] = spent[1];
  const redirected = [spent[0], [outputs, [MALLORY, ALICE], signature, rangeProof]];
  token.send('Alice changes the owner in what she proved', ALICE, 'transfer', redirected);
  const logs = token.send('Alice pays Bob', ALICE, 'transfer', spent);
  for (const { event } of logs)
    say(`  ${event.name} ${event.args.commitment.slice(0, 18)}… of ${event.args.owner}`);
  token.send('Alice spends the same note again', ALICE, 'transfer', spent);
  const back = [[commitmentOf(paid)], prove('transfer', ALICE, [paid], [noteOf(ALICE, paid.value, 'back')])];
  token.send('Alice, who knows what is in it, takes back what she paid', ALICE, 'transfer', back);

  const inflated = { ...paid, value: 4_000_000_000n };
  const out = (note, amount, rest) => [
    [commitmentOf(paid)],
    prove('withdraw', BOB, [note], [rest], amount, CAROL),
    amount,
    CAROL,
  ];
  const rest = noteOf(BOB, 500_000_000n, 'rest');
  token.send('Bob withdraws 3.5 ether of 2', BOB, 'withdraw', out(inflated, 3_500_000_000n, rest));
  token.send('Bob withdraws 1.5 ether to Carol', BOB, 'withdraw', out(paid, 1_500_000_000n, rest));
  const held = balanceOf(token.evm, token.address);
  say(
    `Carol has ${balanceOf(token.evm, CAROL)}; the contract holds ${held} for notes of ${token.read('total')} gwei.`,
  );
}
