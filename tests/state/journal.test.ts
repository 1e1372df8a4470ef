/**
 * The journal against a model: any operations, with checkpoints nested in any way, then rollbacks. The model
 * keeps whole copies, so that it has nothing to undo.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_CODE_HASH, keccakWord } from '../../src/primitives/keccak.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { World } from '../../src/state/world.ts';
import { showDiff } from '../helpers/run.ts';

// 3 is left out: the touch of the RIPEMD-160 precompile outlives rollbacks on purpose.
const ADDRESSES: readonly bigint[] = [1n, 2n, 4n, 5n];
const KEYS: readonly bigint[] = [0n, 1n, 2n ** 255n];

interface ModelAccount {
  exists: boolean;
  nonce: bigint;
  balance: bigint;
  code: string;
  storage: Record<string, bigint>;
  warmSlots: Record<string, boolean>;
  transient: Record<string, bigint>;
  warm: boolean;
  created: boolean;
  destroyed: boolean;
  touched: boolean;
}

interface Model {
  accounts: Record<string, ModelAccount>;
  logs: number[];
  refund: number;
}

function freshState(): MemoryState {
  const state = new MemoryState();
  state.put(1n, { nonce: 1n, balance: 100n, code: Uint8Array.of(7), storage: [[1n, 5n]] });
  state.put(2n, { balance: 50n });
  state.put(4n, {});
  return state;
}

const modelAccount = (part: Partial<ModelAccount>): ModelAccount => ({
  exists: false,
  nonce: 0n,
  balance: 0n,
  code: '',
  storage: {},
  warmSlots: {},
  transient: {},
  warm: false,
  created: false,
  destroyed: false,
  touched: false,
  ...part,
});

const freshModel = (): Model => ({
  accounts: {
    1: modelAccount({ exists: true, nonce: 1n, balance: 100n, code: '7', storage: { 1: 5n } }),
    2: modelAccount({ exists: true, balance: 50n }),
    4: modelAccount({ exists: true }),
    5: modelAccount({}),
  },
  logs: [],
  refund: 0,
});

const address = fc.constantFrom(...ADDRESSES);
const key = fc.constantFrom(...KEYS);
const small = fc.nat(9);

const operation = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), address, amount: small }),
  fc.record({ kind: fc.constant('sub' as const), address, amount: small }),
  fc.record({ kind: fc.constant('nonce' as const), address, amount: small }),
  fc.record({ kind: fc.constant('code' as const), address, amount: fc.nat(3) }),
  fc.record({ kind: fc.constant('slot' as const), address, key, amount: small }),
  fc.record({ kind: fc.constant('warmSlot' as const), address, key }),
  fc.record({ kind: fc.constant('transient' as const), address, key, amount: small }),
  fc.record({ kind: fc.constant('warm' as const), address }),
  // A creation never starts at an address with storage (EIP-7610), which account 1 has.
  fc.record({ kind: fc.constant('create' as const), address: fc.constantFrom(2n, 4n, 5n) }),
  fc.record({ kind: fc.constant('destroy' as const), address }),
  fc.record({ kind: fc.constant('log' as const), amount: small }),
  fc.record({ kind: fc.constant('refund' as const), amount: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ kind: fc.constant('checkpoint' as const) }),
  fc.record({ kind: fc.constant('checkpoint' as const) }),
  fc.record({ kind: fc.constant('rollback' as const), levels: fc.nat(3) }),
  fc.record({ kind: fc.constant('commit' as const) }),
);

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const bring = (account: ModelAccount): ModelAccount => {
  account.exists = true;
  account.touched = true;
  return account;
};

/** Does the same to both. Checkpoints are for the caller. */
function perform(each: Operation, world: World, model: Model): void {
  const of = (at: bigint): ModelAccount => model.accounts[String(at)]!;
  if (each.kind === 'add') {
    world.addBalance(each.address, BigInt(each.amount));
    bring(of(each.address)).balance += BigInt(each.amount);
  } else if (each.kind === 'sub') {
    if (of(each.address).balance < BigInt(each.amount)) return;
    world.subBalance(each.address, BigInt(each.amount));
    bring(of(each.address)).balance -= BigInt(each.amount);
  } else if (each.kind === 'nonce') {
    world.setNonce(each.address, BigInt(each.amount));
    bring(of(each.address)).nonce = BigInt(each.amount);
  } else if (each.kind === 'code') {
    world.setCode(each.address, each.amount === 0 ? new Uint8Array(0) : Uint8Array.of(each.amount));
    bring(of(each.address)).code = each.amount === 0 ? '' : String(each.amount);
  } else if (each.kind === 'slot') {
    world.setSlot(world.slot(each.address, each.key), BigInt(each.amount));
    of(each.address).storage[String(each.key)] = BigInt(each.amount);
  } else if (each.kind === 'warmSlot') {
    const slot = world.slot(each.address, each.key);
    if (!slot.warm) world.warmSlot(slot);
    of(each.address).warmSlots[String(each.key)] = true;
  } else if (each.kind === 'transient') {
    world.transientStore(each.address, each.key, BigInt(each.amount));
    of(each.address).transient[String(each.key)] = BigInt(each.amount);
  } else if (each.kind === 'warm') {
    expect(world.warmAccount(each.address)).toBe(!of(each.address).warm);
    of(each.address).warm = true;
  } else if (each.kind === 'create') {
    world.markCreated(each.address);
    bring(of(each.address)).created = true;
  } else if (each.kind === 'destroy') {
    expect(world.markDestroyed(each.address)).toBe(!of(each.address).destroyed);
    of(each.address).destroyed = true;
  } else if (each.kind === 'log') {
    world.addLog({ address: 0n, topics: [BigInt(each.amount)], data: new Uint8Array(0) });
    model.logs.push(each.amount);
  } else if (each.kind === 'refund') {
    world.addRefund(each.amount);
    model.refund += each.amount;
  }
}

const codeText = (world: World, at: bigint): string => [...world.code(world.account(at))].join();

/** Everything that can be seen of the world. */
const seen = (world: World): Model => ({
  accounts: Object.fromEntries(
    ADDRESSES.map((at) => {
      const account = world.account(at);
      const slots = KEYS.map((each) => [String(each), world.slot(at, each)] as const);
      return [
        String(at),
        {
          exists: account.exists,
          nonce: account.nonce,
          balance: account.balance,
          code: codeText(world, at),
          storage: Object.fromEntries(slots.map(([name, slot]) => [name, slot.value])),
          warmSlots: Object.fromEntries(slots.map(([name, slot]) => [name, slot.warm])),
          transient: Object.fromEntries(KEYS.map((each) => [String(each), world.transientLoad(at, each)])),
          warm: account.warm,
          created: account.created,
          destroyed: account.destroyed,
          touched: account.touched,
        },
      ];
    }),
  ),
  logs: world.logs.map((log) => Number(log.topics[0])),
  refund: world.refund,
});

/** The model with every slot written out. */
function full(model: Model): Model {
  const copy = structuredClone(model);
  for (const account of Object.values(copy.accounts)) {
    for (const each of KEYS.map(String)) {
      account.storage[each] ??= 0n;
      account.warmSlots[each] ??= false;
      account.transient[each] ??= 0n;
    }
  }
  return copy;
}

describe('the journal', () => {
  it('undoes any operations in any nesting of checkpoints', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const world = new World(freshState());
        let model = freshModel();
        const checkpoints: { mark: number; model: Model }[] = [];
        for (const each of operations) {
          if (each.kind === 'checkpoint') {
            checkpoints.push({ mark: world.checkpoint(), model: structuredClone(model) });
          } else if (each.kind === 'commit') {
            checkpoints.pop();
          } else if (each.kind === 'rollback') {
            let target: { mark: number; model: Model } | undefined;
            for (let i = 0; i <= each.levels; i++) target = checkpoints.pop() ?? target;
            if (target === undefined) continue;
            world.rollback(target.mark);
            model = target.model;
          } else {
            perform(each, world, model);
          }
        }
        expect(seen(world)).toEqual(full(model));
      }),
      { numRuns: 1_500, seed: 17 },
    );
  });

  it('leaves no trace in the diff of what was rolled back', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 30 }),
        fc.array(operation, { maxLength: 30 }),
        (kept, undone) => {
          const both = new World(freshState());
          const alone = new World(freshState());
          const model = freshModel();
          const aloneModel = freshModel();
          for (const each of kept) perform(each, alone, aloneModel);
          for (const each of kept) perform(each, both, model);
          const mark = both.checkpoint();
          for (const each of undone) perform(each, both, model);
          both.rollback(mark);
          for (const clear of [false, true])
            expect(showDiff(both.diff(clear))).toEqual(showDiff(alone.diff(clear)));
          expect(both.logs).toEqual(alone.logs);
        },
      ),
      { numRuns: 500, seed: 18 },
    );
  });

  it('its diff is what the model has changed', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), fc.boolean(), (operations, clear) => {
        const state = freshState();
        const world = new World(state);
        const model = freshModel();
        for (const each of operations) perform(each, world, model);
        state.apply(world.diff(clear));
        for (const at of ADDRESSES) {
          const want = model.accounts[String(at)]!;
          const isEmpty = want.nonce === 0n && want.balance === 0n && want.code === '';
          const gone = !want.exists || want.destroyed || (clear && want.touched && isEmpty);
          const info = state.account(at);
          if (gone) {
            expect([at, info, state.slots(at).size]).toEqual([at, undefined, 0]);
            continue;
          }
          const codeHash = want.code === '' ? EMPTY_CODE_HASH : keccakWord(Uint8Array.of(Number(want.code)));
          expect({ ...info, storage: undefined }).toEqual({
            nonce: want.nonce,
            balance: want.balance,
            codeHash,
          });
          for (const each of KEYS) expect(state.storage(at, each)).toBe(want.storage[String(each)] ?? 0n);
        }
      }),
      { numRuns: 1_000, seed: 19 },
    );
  });
});
