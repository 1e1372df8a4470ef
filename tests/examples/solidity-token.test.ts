/** examples/solidity/ShieldedToken.sol: amounts stay hidden, and nobody makes, takes or keeps more than there is. */

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commitments as ROWS } from '../../precompiles/ext/commitments.ts';
import { confidentialTx } from '../../precompiles/ext/e10b-confidential-tx.ts';
import { pedersenCommit } from '../../precompiles/ext/e109-pedersen-commit.ts';
import type { Opening } from '../../precompiles/ext/lib/bulletproofs-prove.ts';
import {
  type ConfidentialTransfer,
  proveConfidentialTransfer,
} from '../../precompiles/ext/lib/confidential.ts';
import { encodeScalar } from '../../precompiles/ext/lib/ristretto.ts';
import { bytesToHex, type Evm, type Hex, hexToBytes } from '../../src/index.ts';
import { concatBytes } from '../../src/primitives/bytes.ts';
import { argumentOf, commitmentOf, NOBODY, type Note, noteOf, UNIT } from './solidity-notes.ts';
import {
  ALICE,
  type Argument,
  BOB,
  CAROL,
  type Contract,
  chain,
  compile,
  type Deployed,
  deploy,
  ETHER,
  flipped,
  impostor,
  locally,
  MALLORY,
  outcome,
  seedOf,
} from './solidity-support.ts';

let contract: Contract;
let evm: Evm;
let token: Deployed;

beforeAll(() => {
  contract = compile().ShieldedToken!;
});

beforeEach(() => {
  evm = chain(contract, { precompiles: ROWS });
  token = deploy(evm, contract, []);
});

interface Purpose {
  readonly action: 'deposit' | 'transfer' | 'withdraw';
  readonly caller: Hex;
  readonly recipient?: Hex;
  /** The contract that it is for. */
  readonly of?: Deployed;
}

/** A transfer as its maker proves it on their own machine. */
function prove(
  { action, caller, recipient = NOBODY, of = token }: Purpose,
  inputs: readonly Opening[],
  outputs: readonly Note[],
  fee = 0n,
): ConfidentialTransfer {
  const owners = outputs.map(({ owner }) => owner);
  const context = hexToBytes(of.read('contextOf', action, caller, recipient, owners) as Hex);
  const transfer = proveConfidentialTransfer(inputs, outputs, fee, context, seedOf('prover'));
  if (transfer === null) throw new Error('no such transfer');
  return transfer;
}

const deposited = (from: Hex, value: bigint, notes: readonly Note[], of = token): Argument =>
  argumentOf(prove({ action: 'deposit', caller: from, of }, [{ value, blinding: 0n }], notes), notes);

/** Makes notes of ether. */
function deposit(from: Hex, ...notes: readonly Note[]): void {
  const value = notes.reduce((sum, note) => sum + note.value, 0n);
  const sent = token.send('deposit', [deposited(from, value, notes)], { from, value: value * UNIT });
  expect(outcome(sent)).toBe('success');
}

const moved = (from: Hex, inputs: readonly Note[], outputs: readonly Note[]): readonly Argument[] => [
  inputs.map(commitmentOf),
  argumentOf(prove({ action: 'transfer', caller: from }, inputs, outputs), outputs),
];

const taken = (
  from: Hex,
  inputs: readonly Note[],
  outputs: readonly Note[],
  amount: bigint,
  recipient: Hex,
): readonly Argument[] => [
  inputs.map(commitmentOf),
  argumentOf(prove({ action: 'withdraw', caller: from, recipient }, inputs, outputs, amount), outputs),
  amount,
  recipient,
];

const balance = (holder: Hex): bigint => evm.account(holder)!.balance;
const stateOf = (note: Opening): unknown => token.read('notes', commitmentOf(note));
const UNKNOWN = [NOBODY, 0n];

describe('ether', () => {
  it('goes in, changes hands unseen, and comes out', () => {
    const first = noteOf(ALICE, 1_000n);
    deposit(ALICE, first);
    expect(balance(token.address)).toBe(1_000n * UNIT);
    expect(token.read('total')).toBe(1_000n);
    expect(stateOf(first)).toEqual([ALICE, 1n]);

    const [paid, change] = [noteOf(BOB, 300n), noteOf(ALICE, 700n)];
    const sent = token.send('transfer', moved(ALICE, [first], [paid, change]), { from: ALICE });
    expect(outcome(sent)).toBe('success');
    expect(sent.logs.map(({ event }) => [event!.name, event!.args.owner])).toEqual([
      ['NoteSpent', ALICE],
      ['NoteCreated', BOB],
      ['NoteCreated', ALICE],
    ]);
    // No amount, as a word or as the little-endian number that CONFIDENTIAL_TX takes.
    const seen = JSON.stringify([sent.logs.map(({ topics, data }) => [topics, data])]);
    for (const amount of [300n, 700n]) expect(seen).not.toContain(amount.toString(16).padStart(16, '0'));
    expect([stateOf(first), stateOf(paid), stateOf(change)]).toEqual([
      [ALICE, 2n],
      [BOB, 1n],
      [ALICE, 1n],
    ]);
    expect(token.read('total')).toBe(1_000n);

    const rest = noteOf(BOB, 50n);
    const before = balance(CAROL);
    const out = token.send('withdraw', taken(BOB, [paid], [rest], 250n, CAROL), { from: BOB });
    expect(outcome(out)).toBe('success');
    expect(balance(CAROL) - before).toBe(250n * UNIT);
    expect(token.read('total')).toBe(750n);

    const nothing = noteOf(BOB, 0n);
    expect(outcome(token.send('withdraw', taken(BOB, [rest], [nothing], 50n, BOB), { from: BOB }))).toBe(
      'success',
    );
    const none = noteOf(ALICE, 0n);
    const last = taken(ALICE, [change], [none], 700n, ALICE);
    expect(outcome(token.send('withdraw', last, { from: ALICE }))).toBe('success');
    expect([token.read('total'), balance(token.address)]).toEqual([0n, 0n]);
  });

  it('is gathered from many notes, and spread over many', () => {
    const notes = [100n, 200n, 300n, 400n].map((value) => noteOf(ALICE, value));
    deposit(ALICE, ...notes);
    const all = [noteOf(BOB, 1_000n)];
    expect(outcome(token.send('transfer', moved(ALICE, notes, all)))).toBe('success');
    const eight = Array.from({ length: 8 }, () => noteOf(BOB, 125n));
    expect(outcome(token.send('transfer', moved(BOB, all, eight), { from: BOB }))).toBe('success');
    expect(token.read('total')).toBe(1_000n);
  });
});

describe('a deposit', () => {
  it('is of what is sent with it', () => {
    const note = noteOf(ALICE, 1_000n);
    const made = deposited(ALICE, 1_000n, [note]);
    const value = 1_000n * UNIT;
    expect(token.try('deposit', [made], { value })).toBe('success');
    expect(token.try('deposit', [made], { value: value - UNIT })).toBe('InvalidTransfer');
    expect(token.try('deposit', [made], { value: value + UNIT })).toBe('InvalidTransfer');
    expect(token.try('deposit', [made], { value: value + 1n })).toBe(`InvalidAmount(${value + 1n})`);
    expect(token.try('deposit', [made])).toBe('InvalidAmount(0)');
    evm.setAccount(ALICE, { balance: 2n ** 64n * UNIT + ETHER });
    expect(token.try('deposit', [made], { value: 2n ** 64n * UNIT })).toBe(
      `InvalidAmount(${2n ** 64n * UNIT})`,
    );
  });

  it('cannot be inflated, not by a negative note either', () => {
    const huge = [noteOf(ALICE, 2n ** 63n), noteOf(ALICE, 1_000n - 2n ** 63n)];
    // The sum is right, and the second amount is negative. Nobody proves its range, so a proof of others has to do.
    const honest = [noteOf(ALICE, 400n), noteOf(ALICE, 600n)];
    const made = prove({ action: 'deposit', caller: ALICE }, [{ value: 1_000n, blinding: 0n }], honest);
    const forged = { ...made, outputs: huge.map((note) => hexToBytes(commitmentOf(note))) };
    const value = 1_000n * UNIT;
    expect(token.try('deposit', [argumentOf(forged, huge)], { value })).toBe('InvalidTransfer');
    expect(token.try('deposit', [argumentOf(made, honest)], { value })).toBe('success');
    expect(() => deposited(ALICE, 1_000n, huge)).toThrow('no such transfer');
  });

  it('is of who made it: copied from the pool, it fits nobody else', () => {
    const note = noteOf(ALICE, 1_000n);
    const made = deposited(ALICE, 1_000n, [note]);
    const copied = token.try('deposit', [made], { from: MALLORY, value: 1_000n * UNIT });
    expect(copied).toBe('InvalidTransfer');
    const redirected = argumentOf(
      prove({ action: 'deposit', caller: ALICE }, [{ value: 1_000n, blinding: 0n }], [note]),
      [{ ...note, owner: MALLORY }],
    );
    expect(token.try('deposit', [redirected], { value: 1_000n * UNIT })).toBe('InvalidTransfer');
  });

  it('makes a note once', () => {
    const note = noteOf(ALICE, 1_000n);
    deposit(ALICE, note);
    const again = [deposited(ALICE, 1_000n, [note])];
    const refused = `NoteExists(${commitmentOf(note)})`;
    expect(token.try('deposit', again, { value: 1_000n * UNIT })).toBe(refused);
    token.send('transfer', moved(ALICE, [note], [noteOf(BOB, 1_000n)]));
    expect(stateOf(note)).toEqual([ALICE, 2n]);
    // Spent, it is still a note that there was.
    expect(token.try('deposit', again, { value: 1_000n * UNIT })).toBe(refused);
  });

  it('has an owner for each note', () => {
    const note = noteOf(NOBODY, 1_000n);
    expect(token.try('deposit', [deposited(ALICE, 1_000n, [note])], { value: 1_000n * UNIT })).toBe(
      'NoOwner',
    );
    const [outputs, , signature, proof] = deposited(ALICE, 1_000n, [note]) as readonly Argument[];
    const bad = [outputs!, [ALICE, BOB], signature!, proof!];
    expect(token.try('deposit', [bad], { value: 1_000n * UNIT })).toBe('OwnersMismatch');
  });
});

describe('a transfer', () => {
  let note: Note;
  let outputs: readonly Note[];
  let good: readonly Argument[];

  beforeEach(() => {
    note = noteOf(ALICE, 1_000n);
    outputs = [noteOf(BOB, 300n), noteOf(ALICE, 700n)];
    deposit(ALICE, note);
    good = moved(ALICE, [note], outputs);
  });

  const attempt = (args: readonly Argument[], from = ALICE): string => token.try('transfer', args, { from });
  const spendable = (of: Opening): string => `NoteNotSpendable(${commitmentOf(of)})`;

  it('happens once', () => {
    expect(attempt(good)).toBe('success');
    token.send('transfer', good);
    expect(attempt(good)).toBe(spendable(note));
    expect(attempt(moved(ALICE, [note], [noteOf(CAROL, 1_000n)]))).toBe(spendable(note));
  });

  it('spends what there is', () => {
    const dream = noteOf(ALICE, 1_000n);
    expect(stateOf(dream)).toEqual(UNKNOWN);
    expect(attempt(moved(ALICE, [dream], [noteOf(ALICE, 1_000n)]))).toBe(spendable(dream));
    expect(attempt(moved(ALICE, [note, dream], [noteOf(ALICE, 2_000n)]))).toBe(spendable(dream));
  });

  it('spends a note once, not twice in one', () => {
    // The precompile would say so, too: nobody gets a proof of it.
    expect(() => moved(ALICE, [note, note], [noteOf(ALICE, 2_000n)])).toThrow('no such transfer');
    const [, made] = good;
    const twice = commitmentOf(note);
    expect(attempt([[twice, twice], made!])).toBe(spendable(note));
  });

  it('is of the owner alone: who knows the opening is not enough, and to own is not enough', () => {
    // Alice paid Bob, and knows the opening of his note.
    token.send('transfer', good);
    const [bobs] = outputs as [Note, Note];
    expect(attempt(moved(ALICE, [bobs], [noteOf(ALICE, 300n)]))).toBe(spendable(bobs));
    expect(attempt(moved(BOB, [bobs], [noteOf(BOB, 300n)]), ALICE)).toBe(spendable(bobs));
    expect(attempt(moved(BOB, [bobs], [noteOf(BOB, 300n)]), BOB)).toBe('success');
    // Bob with another opening of the same note, which he was told wrongly.
    const told: Note = { ...bobs, value: 400n };
    const next = [noteOf(BOB, 400n)];
    const made = prove({ action: 'transfer', caller: BOB }, [told], next);
    expect(attempt([[commitmentOf(bobs)], argumentOf(made, next)], BOB)).toBe('InvalidTransfer');
  });

  it('makes no money', () => {
    const [inputs] = good;
    const more = [noteOf(BOB, 300n), noteOf(ALICE, 701n)];
    expect(() => moved(ALICE, [note], more)).toThrow('no such transfer');
    // A valid proof of a balanced transfer from a larger note, over the note that there is.
    const larger: Note = { ...note, value: 1_001n };
    const made = prove({ action: 'transfer', caller: ALICE }, [larger], more);
    expect(attempt([inputs!, argumentOf(made, more)])).toBe('InvalidTransfer');
    // A fee in the proof, which nobody is paid, is none of a transfer.
    const less = [noteOf(BOB, 300n), noteOf(ALICE, 600n)];
    const withFee = prove({ action: 'transfer', caller: ALICE }, [note], less, 100n);
    expect(attempt([inputs!, argumentOf(withFee, less)])).toBe('InvalidTransfer');
    expect(token.read('total')).toBe(1_000n);
  });

  it('is refused forged or malformed', () => {
    const [inputs, made] = good;
    const [commitments, owners, signature, proof] = made as [Uint8Array[], Hex[], Uint8Array, Uint8Array];
    const changed = (parts: Partial<Record<'o' | 's' | 'p' | 'w', Argument>>): string =>
      attempt([inputs!, [parts.o ?? commitments, parts.w ?? owners, parts.s ?? signature, parts.p ?? proof]]);
    expect(changed({})).toBe('success');
    for (const at of [0, 31, 32, 63]) expect(changed({ s: flipped(signature, at) })).toBe('InvalidTransfer');
    expect(changed({ s: signature.subarray(1) })).toBe('InvalidTransfer');
    expect(changed({ s: new Uint8Array(64) })).toBe('InvalidTransfer');
    for (const at of [0, 200, proof.length - 1])
      expect(changed({ p: flipped(proof, at) })).toBe('InvalidTransfer');
    expect(changed({ p: proof.subarray(32) })).toBe('InvalidTransfer');
    expect(changed({ p: new Uint8Array(0) })).toBe('InvalidTransfer');
    // 64 bytes of the proof for the signature and so on: other cuts of the same bytes.
    const longer = concatBytes(signature, proof.subarray(0, 32));
    expect(changed({ s: longer, p: proof.subarray(32) })).toBe('InvalidTransfer');
    expect(changed({ w: [MALLORY, ALICE] })).toBe('InvalidTransfer');
    expect(changed({ w: [...owners].reverse() })).toBe('InvalidTransfer');
    expect(changed({ o: [...commitments].reverse() })).toBe('InvalidTransfer');
    expect(changed({ o: [], w: [] })).toBe('InvalidTransfer');
    expect(attempt([[], made!])).toBe('InvalidTransfer');
    const three = [noteOf(ALICE, 1n), noteOf(ALICE, 1n), noteOf(ALICE, 998n)];
    expect(changed({ o: three.map(commitmentOf), w: [ALICE, ALICE, ALICE] })).toBe('InvalidTransfer');
  });

  it('is for this chain, this contract and this action', () => {
    const other = deploy(evm, contract, []);
    other.send('deposit', [deposited(ALICE, 1_000n, [note], other)], { value: 1_000n * UNIT });
    expect(other.read('notes', commitmentOf(note))).toEqual([ALICE, 1n]);
    expect(other.try('transfer', good)).toBe('InvalidTransfer');
    const made = prove({ action: 'withdraw', caller: ALICE }, [note], outputs);
    expect(attempt([[commitmentOf(note)], argumentOf(made, outputs)])).toBe('InvalidTransfer');
    evm.setBlock({ chainId: 5 });
    expect(attempt(good)).toBe('InvalidTransfer');
  });

  it('makes no two notes of one commitment', () => {
    const existing = noteOf(CAROL, 5n);
    deposit(CAROL, existing);
    const copy: Note = { ...existing, owner: ALICE };
    const made = moved(ALICE, [note], [copy, noteOf(ALICE, 995n)]);
    expect(attempt(made)).toBe(`NoteExists(${commitmentOf(existing)})`);
    const twin = noteOf(ALICE, 500n);
    expect(() => moved(ALICE, [note], [twin, twin])).toThrow('no such transfer');
  });
});

describe('a withdrawal', () => {
  let note: Note;

  beforeEach(() => {
    note = noteOf(ALICE, 1_000n);
    deposit(ALICE, note);
    deposit(BOB, noteOf(BOB, 5_000n));
  });

  it('is of its amount, to its recipient, by its owner, once', () => {
    const rest = noteOf(ALICE, 400n);
    const good = taken(ALICE, [note], [rest], 600n, CAROL);
    const [inputs, made] = good as [Argument, Argument];
    const attempt = (amount: bigint, recipient: Hex, from = ALICE): string =>
      token.try('withdraw', [inputs, made, amount, recipient], { from });
    expect(attempt(600n, CAROL)).toBe('success');
    expect(attempt(601n, CAROL)).toBe('InvalidTransfer');
    expect(attempt(0n, CAROL)).toBe('InvalidAmount(0)');
    expect(attempt(600n, MALLORY)).toBe('InvalidTransfer');
    expect(attempt(600n, CAROL, MALLORY)).toBe(`NoteNotSpendable(${commitmentOf(note)})`);
    expect(outcome(token.send('withdraw', good))).toBe('success');
    expect(attempt(600n, CAROL)).toBe(`NoteNotSpendable(${commitmentOf(note)})`);
    expect(token.read('total')).toBe(5_400n);
    expect(balance(token.address)).toBe(5_400n * UNIT);
  });

  it('goes to somebody', () => {
    const args = (recipient: Hex) => taken(ALICE, [note], [noteOf(ALICE, 400n)], 600n, recipient);
    expect(token.try('withdraw', args(NOBODY))).toBe('NoRecipient');
    expect(token.try('withdraw', args(CAROL))).toBe('success');
  });

  it('is of no more than the note holds, though others hold more', () => {
    const rest = noteOf(ALICE, 0n);
    expect(() => taken(ALICE, [note], [rest], 1_001n, ALICE)).toThrow('no such transfer');
    const larger: Note = { ...note, value: 6_000n };
    const made = prove({ action: 'withdraw', caller: ALICE, recipient: ALICE }, [larger], [rest], 6_000n);
    const args = [[commitmentOf(note)], argumentOf(made, [rest]), 6_000n, ALICE];
    expect(token.try('withdraw', args)).toBe('InvalidTransfer');
  });

  it('that its recipient refuses does not happen', () => {
    const args = taken(ALICE, [note], [noteOf(ALICE, 400n)], 600n, token.address);
    expect(outcome(token.send('withdraw', args))).toBe('PaymentFailed');
    expect(stateOf(note)).toEqual([ALICE, 1n]);
    expect(token.read('total')).toBe(6_000n);
  });
});

describe('the extension', () => {
  it('makes the commitment of a deposit', () => {
    const input = concatBytes(encodeScalar(1_000n), new Uint8Array(32));
    const made = bytesToHex(locally(ROWS, 0xe109n, input));
    expect(made).toBe(commitmentOf({ value: 1_000n, blinding: 0n }));
  });

  it('is needed, and nothing else will do', () => {
    const value = 1_000n * UNIT;
    const attempt = (precompiles: typeof ROWS): string => {
      const elsewhere = chain(contract, { precompiles });
      const same = deploy(elsewhere, contract, []);
      expect(same.address).toBe(token.address);
      return same.try('deposit', [deposited(ALICE, 1_000n, [noteOf(ALICE, 1_000n)])], { value });
    };
    expect(attempt(ROWS)).toBe('success');
    expect(attempt([])).toBe('ExtensionNotActive(0x000000000000000000000000000000000000e109)');
    expect(attempt([pedersenCommit])).toBe('ExtensionNotActive(0x000000000000000000000000000000000000e10b)');
    expect(attempt([pedersenCommit, impostor(confidentialTx, 64)])).toMatch(
      /^UnexpectedOutput\(0x0*e10b, 64\)/,
    );
    expect(attempt([pedersenCommit, impostor(confidentialTx, 32)])).toBe('InvalidTransfer');
    expect(attempt([pedersenCommit, { ...confidentialTx, run: () => null }])).toMatch(/^ExtensionFailed/);
  });
});
