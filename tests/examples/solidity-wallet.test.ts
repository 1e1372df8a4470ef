/** examples/solidity/PqWallet.sol: ML-DSA signatures of each level, and everything that is no such signature. */

import { beforeAll, describe, expect, it } from 'vitest';
import { dilithiumVerify } from '../../precompiles/ext/e100-dilithium-verify.ts';
import { postQuantum } from '../../precompiles/ext/post-quantum.ts';
import { type Evm, type Hex, hexToBytes } from '../../src/index.ts';
import { concatBytes } from '../../src/primitives/bytes.ts';
import {
  ALICE,
  at,
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
  tryDeploy,
  withPrecompiles,
} from './solidity-support.ts';

const KEY_LENGTHS = { 44: 1312, 65: 1952, 87: 2592 } as const;
type Level = keyof typeof KEY_LENGTHS;
const LEVELS: readonly Level[] = [44, 65, 87];

/** A pair of keys; `key` is what the wallet takes. */
class Signer {
  readonly key: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(level: Level, label: string) {
    this.#secret = concatBytes(Uint8Array.of(level), seedOf(label));
    const pair = locally(postQuantum, 0xe105n, this.#secret);
    this.key = concatBytes(Uint8Array.of(level), pair.subarray(0, KEY_LENGTHS[level]));
  }

  sign(message: Uint8Array): Uint8Array {
    return locally(postQuantum, 0xe101n, concatBytes(this.#secret, message));
  }
}

const MESSAGE = '0x68656c6c6f';
const FEW = ETHER / 100n;
/** What a call gets. */
const GAS = 100_000n;

let contract: Contract;
let caller: Contract;
let careless: Contract;

beforeAll(() => {
  const extra = `// SPDX-License-Identifier: MIT
    pragma solidity ^0.8.20;
    contract Target {
      bytes public last;
      error Refused(uint256 value);
      receive() external payable {}
      fallback() external payable { if (msg.value == 7) revert Refused(7); last = msg.data; }
    }
    contract Careless {
      uint256 public attempts;
      uint256[4] public done;
      function work() external { for (uint256 i = 0; i < 4; i++) done[i] = 1; }
      receive() external payable {}
      fallback() external payable { attempts++; try this.work() {} catch {} }
    }`;
  const contracts = compile({ 'Target.sol': extra });
  contract = contracts.PqWallet!;
  caller = contracts.Target!;
  careless = contracts.Careless!;
});

function setUp(signer: Signer): { evm: Evm; wallet: Deployed; target: Deployed } {
  const evm = chain(contract, { precompiles: postQuantum });
  const wallet = deploy(evm, contract, [signer.key], { value: ETHER });
  return { evm, wallet, target: deploy(evm, caller, []) };
}

const callOf = (wallet: Deployed, target: Hex, value: bigint, data: Hex): Uint8Array =>
  hexToBytes(wallet.read('executeMessage', target, value, GAS, data) as Hex);

describe.each(LEVELS)('with ML-DSA-%i', (level) => {
  const owner = new Signer(level, 'owner');
  const thief = new Signer(level, 'thief');
  let evm: Evm;
  let wallet: Deployed;
  let target: Deployed;
  let signature: Uint8Array;

  beforeAll(() => {
    ({ evm, wallet, target } = setUp(owner));
    signature = owner.sign(callOf(wallet, target.address, FEW, MESSAGE));
  });

  it('makes the call that was signed, whoever sends it', () => {
    const snapshot = evm.snapshot();
    const args = [target.address, FEW, GAS, MESSAGE, owner.key, signature];
    const result = wallet.send('execute', args, { from: MALLORY });
    expect(outcome(result)).toBe('success');
    expect(target.read('last')).toBe(MESSAGE);
    expect(evm.account(target.address)!.balance).toBe(FEW);
    expect(evm.account(wallet.address)!.balance).toBe(ETHER - FEW);
    expect(wallet.read('nonce')).toBe(1n);
    expect(result.logs[0]!.event).toMatchObject({
      name: 'Executed',
      args: { nonce: 0n, target: target.address, value: FEW, data: MESSAGE },
    });
    // The same again: the nonce is another.
    expect(wallet.try('execute', args)).toBe('InvalidSignature');
    evm.revert(snapshot);
  });

  it('refuses what was not signed', () => {
    const good = [target.address, FEW, GAS, MESSAGE, owner.key, signature] as const;
    const [to, value, gasLimit, data, key] = good;
    expect(wallet.try('execute', good)).toBe('success');
    expect(wallet.try('execute', [BOB, value, gasLimit, data, key, signature])).toBe('InvalidSignature');
    expect(wallet.try('execute', [to, value + 1n, gasLimit, data, key, signature])).toBe('InvalidSignature');
    expect(wallet.try('execute', [to, value, gasLimit, `${data}00`, key, signature])).toBe(
      'InvalidSignature',
    );
    for (const gas of [0n, gasLimit - 1n, gasLimit + 1n]) {
      expect(wallet.try('execute', [to, value, gas, data, key, signature])).toBe('InvalidSignature');
    }
  });

  it('refuses forged and malformed signatures', () => {
    const message = callOf(wallet, target.address, FEW, MESSAGE);
    const withSignature = (bytes: Uint8Array): string =>
      wallet.try('execute', [target.address, FEW, GAS, MESSAGE, owner.key, bytes]);
    expect(withSignature(thief.sign(message))).toBe('InvalidSignature');
    for (const place of [0, 100, signature.length - 1]) {
      expect(withSignature(flipped(signature, place))).toBe('InvalidSignature');
    }
    expect(withSignature(signature.subarray(1))).toBe('InvalidSignature');
    expect(withSignature(concatBytes(signature, Uint8Array.of(0)))).toBe('InvalidSignature');
    expect(withSignature(new Uint8Array(signature.length))).toBe('InvalidSignature');
    expect(withSignature(new Uint8Array(0))).toBe('InvalidSignature');
  });

  it('refuses every key but its own', () => {
    const withKey = (key: Uint8Array): string =>
      wallet.try('execute', [target.address, FEW, GAS, MESSAGE, key, signature]);
    expect(withKey(thief.key)).toBe('WrongKey');
    expect(withKey(flipped(owner.key, 5))).toBe('WrongKey');
    expect(withKey(flipped(owner.key))).toBe('WrongKey');
    expect(withKey(owner.key.subarray(1))).toBe('WrongKey');
    expect(withKey(new Uint8Array(0))).toBe('WrongKey');
  });
});

describe('whatever the level', () => {
  const owner = new Signer(44, 'owner');
  const heir = new Signer(65, 'heir');

  it('binds a message to chain and wallet', () => {
    const { evm, wallet, target } = setUp(owner);
    const twin = deploy(evm, contract, [owner.key], { value: ETHER });
    const signature = owner.sign(callOf(wallet, target.address, FEW, MESSAGE));
    const args = [target.address, FEW, GAS, MESSAGE, owner.key, signature];
    expect(twin.try('execute', args)).toBe('InvalidSignature');
    expect(wallet.try('execute', args)).toBe('success');
    evm.setBlock({ chainId: 5 });
    expect(wallet.try('execute', args)).toBe('InvalidSignature');
  });

  it('says why a call failed, and keeps the nonce', () => {
    const { wallet, target } = setUp(owner);
    const signature = owner.sign(callOf(wallet, target.address, 7n, MESSAGE));
    const refused = wallet.send('execute', [target.address, 7n, GAS, MESSAGE, owner.key, signature]);
    expect(refused.error).toMatchObject({ name: 'CallFailed' });
    expect(String(refused.error!.args[0])).toMatch(/0{63}7$/);
    expect(wallet.read('nonce')).toBe(0n);
    const tooMuch = owner.sign(callOf(wallet, BOB, 2n * ETHER, '0x'));
    expect(wallet.try('execute', [BOB, 2n * ETHER, GAS, '0x', owner.key, tooMuch])).toBe('CallFailed(0x)');
  });

  it('rotates to a key that both keys sign for', () => {
    const { evm, wallet, target } = setUp(owner);
    const message = hexToBytes(wallet.read('rotateMessage', heir.key) as Hex);
    const [old, fresh] = [owner.sign(message), heir.sign(message)];
    expect(wallet.try('rotate', [heir.key, fresh, heir.key, fresh])).toBe('WrongKey');
    expect(wallet.try('rotate', [heir.key, fresh, owner.key, flipped(old)])).toBe('InvalidSignature');
    expect(wallet.try('rotate', [heir.key, flipped(fresh), owner.key, old])).toBe('InvalidSignature');
    expect(wallet.try('rotate', [heir.key, old, owner.key, old])).toBe('InvalidSignature');
    // A signature for a call is none for a rotation, and the other way round.
    const other = owner.sign(callOf(wallet, target.address, 0n, MESSAGE));
    expect(wallet.try('rotate', [heir.key, fresh, owner.key, other])).toBe('InvalidSignature');
    expect(wallet.try('execute', [target.address, 0n, GAS, MESSAGE, owner.key, old])).toBe(
      'InvalidSignature',
    );

    // Neither another wallet of the same key nor another chain.
    const twin = deploy(evm, contract, [owner.key]);
    expect(twin.try('rotate', [heir.key, fresh, owner.key, old])).toBe('InvalidSignature');
    const snapshot = evm.snapshot();
    evm.setBlock({ chainId: 5 });
    expect(wallet.try('rotate', [heir.key, fresh, owner.key, old])).toBe('InvalidSignature');
    evm.revert(snapshot);

    const before = owner.sign(callOf(wallet, target.address, FEW, MESSAGE));
    const rotated = wallet.send('rotate', [heir.key, fresh, owner.key, old]);
    expect(outcome(rotated)).toBe('success');
    expect(rotated.logs[0]!.event).toMatchObject({ name: 'KeyRotated', args: { nonce: 0n } });
    expect(wallet.try('rotate', [heir.key, fresh, owner.key, old])).toBe('WrongKey');
    expect(wallet.try('execute', [target.address, FEW, GAS, MESSAGE, owner.key, before])).toBe('WrongKey');
    const signature = heir.sign(callOf(wallet, target.address, FEW, MESSAGE));
    expect(outcome(wallet.send('execute', [target.address, FEW, GAS, MESSAGE, heir.key, signature]))).toBe(
      'success',
    );
  });

  it('takes no malformed key, at first or later', () => {
    const { evm, wallet } = setUp(owner);
    const malformed = [
      new Uint8Array(0),
      owner.key.subarray(1),
      owner.key.subarray(0, -1),
      concatBytes(owner.key, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(65), owner.key.subarray(1)),
      concatBytes(Uint8Array.of(45), owner.key.subarray(1)),
    ];
    for (const key of malformed) {
      expect(tryDeploy(evm, contract, [key])).toBe('MalformedKey');
      const old = owner.sign(hexToBytes(wallet.read('rotateMessage', key) as Hex));
      expect(wallet.try('rotate', [key, old, owner.key, old])).toBe('MalformedKey');
    }
  });

  it('is not made where the extension is not active, or something else answers', () => {
    const make = (precompiles: typeof postQuantum): string =>
      tryDeploy(chain(contract, { precompiles }), contract, [owner.key]);
    expect(make(postQuantum)).toBe('success');
    expect(make([])).toBe('ExtensionNotActive(0x000000000000000000000000000000000000e100)');
    expect(make([impostor(dilithiumVerify, 64)])).toMatch(/^UnexpectedOutput\(0x0*e100, 64\)$/);
    expect(make([{ ...dilithiumVerify, run: () => null }])).toMatch(/^ExtensionFailed/);
  });

  it('takes any key at first: nobody has shown to have the secret one', () => {
    const { evm } = setUp(owner);
    expect(tryDeploy(evm, contract, [concatBytes(Uint8Array.of(65), new Uint8Array(1952))])).toBe('success');
  });

  /** The wallet on a chain that has become another since it was made. */
  function changed(precompiles: typeof postQuantum): Deployed {
    const { evm, wallet } = setUp(owner);
    return at(withPrecompiles(evm, contract, precompiles), contract, wallet.address);
  }

  it('says so where the extension is not active any more, and does nothing', () => {
    const wallet = changed([]);
    const signature = owner.sign(callOf(wallet, BOB, FEW, '0x'));
    const args = [BOB, FEW, GAS, '0x', owner.key, signature];
    expect(wallet.try('execute', args)).toBe(
      'ExtensionNotActive(0x000000000000000000000000000000000000e100)',
    );
    const rotation = owner.sign(hexToBytes(wallet.read('rotateMessage', heir.key) as Hex));
    const rotate = [heir.key, rotation, owner.key, rotation];
    expect(wallet.try('rotate', rotate)).toMatch(/^ExtensionNotActive/);
  });

  it.each([1, 31, 33, 64])('trusts nothing else at the address, which answers with %i bytes', (length) => {
    const wallet = changed([impostor(dilithiumVerify, length)]);
    const args = [BOB, FEW, GAS, '0x', owner.key, new Uint8Array(2420)];
    expect(wallet.try('execute', args)).toBe(
      `UnexpectedOutput(0x000000000000000000000000000000000000e100, ${length})`,
    );
  });

  it('takes no failed call for a verdict', () => {
    const wallet = changed([{ ...dilithiumVerify, run: () => null }]);
    const args = [BOB, FEW, GAS, '0x', owner.key, new Uint8Array(2420)];
    expect(wallet.try('execute', args)).toMatch(/^ExtensionFailed/);
  });

  it('never signs on a chain: the operations that take a secret fail there', () => {
    const { evm } = setUp(owner);
    for (const to of [0xe101n, 0xe105n]) {
      const data = concatBytes(Uint8Array.of(44), seedOf('owner'));
      expect(evm.call({ to, data, from: ALICE }).status).toBe('halt');
    }
  });
});

describe('the gas of a call', () => {
  const owner = new Signer(44, 'owner');
  /** Four slots and one, written for the first time, and what is around it. */
  const ENOUGH = 150_000n;

  /** What comes of a signed call of a contract that catches its own failure, with so much gas for the transaction. */
  function relay(data: Hex, gasLimit = ENOUGH, delegates = false): (gas: bigint) => string {
    const evm = chain(contract, { precompiles: postQuantum });
    const wallet = deploy(evm, contract, [owner.key], { value: ETHER });
    const made = deploy(evm, careless, []);
    if (delegates) evm.setAccount(CAROL, { code: `0xef0100${made.address.slice(2)}` });
    const target = delegates ? at(evm, careless, CAROL) : made;
    const message = hexToBytes(wallet.read('executeMessage', target.address, FEW, gasLimit, data) as Hex);
    const args = [target.address, FEW, gasLimit, data, owner.key, owner.sign(message)];
    return (gas) => {
      const snapshot = evm.snapshot();
      const end = outcome(wallet.send('execute', args, { from: MALLORY, gas }));
      const [nonce, attempts, done] = [
        wallet.read('nonce'),
        target.read('attempts'),
        [0n, 1n, 2n, 3n].map((i) => target.read('done', i)),
      ];
      evm.revert(snapshot);
      // Both or neither.
      expect(nonce).toBe(end === 'success' ? 1n : 0n);
      expect(attempts).toBe(nonce);
      return end === 'success' && done.includes(0n) ? 'success without the work' : end;
    };
  }

  it.each([
    ['one byte', '0x01' as Hex, false],
    // A copy of it costs more than what the wallet keeps for the call itself.
    ['100 kB', `0x${'00'.repeat(100_000)}` as Hex, false],
    ['one byte for an account that delegates', '0x01' as Hex, true],
  ])('is what was signed, whatever the relayer gives, with %s', (_, data, delegates) => {
    const attempt = relay(data, ENOUGH, delegates);
    let [low, high] = [100_000n, 5_000_000n];
    expect(attempt(low)).not.toBe('success');
    expect(attempt(high)).toBe('success');
    const ends = new Set<string>();
    for (let gas = low; gas < 1_500_000n; gas += 10_000n) ends.add(attempt(gas));
    // One gas after another around the least that is enough.
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (attempt(middle) === 'success') high = middle;
      else low = middle;
    }
    for (let gas = low - 2_000n; gas < low + 2_000n; gas += 50n) ends.add(attempt(gas));
    expect(ends).not.toContain('success without the work');
    expect(ends).toContain('success');
    expect(ends).toContain(`NotEnoughGas(${ENOUGH})`);
  });

  it('is no more than there is', () => {
    const attempt = relay('0x01', 2n ** 256n - 1n);
    expect(attempt(3_000_000n)).toBe(`NotEnoughGas(${2n ** 256n - 1n})`);
  });

  it('that was signed and is too little makes the call fail, and keeps the nonce', () => {
    expect(relay('0x01', 1_000n)(3_000_000n)).toBe('CallFailed(0x)');
  });
});
