/** Creations: addresses, prices, limits, collisions and what fails how. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { create2Address, createAddress } from '../../src/primitives/address.ts';
import { bytesToBigInt, bytesToHex, concatBytes, hexToBytes } from '../../src/primitives/bytes.ts';
import {
  type CreateOptions,
  call,
  code,
  create,
  deploys,
  memoryOf,
  mstore,
  type Piece,
  push,
  raw,
  repeat,
  sstore,
} from '../helpers/assembler.ts';
import { CONTRACT, gasOf, haltOf, OTHER, type RunOptions, run, slotOf, topOf } from '../helpers/run.ts';

const RICH = { self: { nonce: 1n, balance: 1_000n } } as const;
const FIRST = createAddress(CONTRACT, 1n);

const made = (initCode: Uint8Array, options: CreateOptions = {}, around: RunOptions = RICH): bigint =>
  topOf(code(create(initCode, options)), around);

describe('addresses', () => {
  it('of CREATE come from sender and nonce (Yellow Paper, section 7)', () => {
    const hash = (nonce: string): bigint =>
      bytesToBigInt(
        keccak_256(
          hexToBytes(`${nonce.length > 2 ? 'd7' : 'd6'}94${CONTRACT.toString(16).padStart(40, '0')}${nonce}`),
        ).subarray(12),
      );
    expect(made(raw(0))).toBe(hash('01'));
    expect(made(raw(0), {}, { self: { nonce: 0x7fn } })).toBe(hash('7f'));
    expect(made(raw(0), {}, { self: { nonce: 0x80n } })).toBe(hash('8180'));
    expect(made(raw(0), {}, { self: { nonce: 0n } })).toBe(hash('80'));
  });

  it.each([
    // Examples of EIP-1014: sender, salt, init code, address.
    ['0000000000000000000000000000000000000000', 0n, '00', '4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38'],
    ['deadbeef00000000000000000000000000000000', 0n, '00', 'b928f69bb1d91cd65274e3c79d8986362984fda3'],
    ['0000000000000000000000000000000000000000', 0n, '', 'e33c0c7f7df4809055c3eba6c09cfe4baf1bd9e0'],
    ['0000000000000000000000000000000000000000', 0n, 'deadbeef', '70f2b2914a2a4b783faefb75f459a580616fcb5e'],
    [
      '00000000000000000000000000000000deadbeef',
      0xcafebaben,
      'deadbeef',
      '60f3f640a8508fc6a86d45df051962668e1e8ac7',
    ],
  ])('of CREATE2 by %s with salt %d from init code %s', (from, salt, initCode, expected) => {
    const sender = BigInt(`0x${from}`);
    const bytes = hexToBytes(initCode);
    expect(create2Address(sender, salt, keccak_256(bytes)).toString(16)).toBe(expected);
    // The factory runs at the sender's address; 0xdeadbeef as code fails, and is seen as the warm address alone.
    const factory = code(create(bytes, { salt }), push(0), 'MSTORE', push(32), push(0), 'RETURN');
    const program = code(call(sender, { gas: 200_000, outSize: 32 }), 'POP', push(0), 'MLOAD');
    const { stack, world } = run(program, { accounts: [[sender, { code: factory }]] });
    expect(stack[0]!.toString(16)).toBe(initCode === 'deadbeef' ? '0' : expected);
    expect(world.account(BigInt(`0x${expected}`)).warm).toBe(true);
  });

  it('of two CREATEs differ, of two equal CREATE2s the second collides', () => {
    const two = (options: CreateOptions): readonly bigint[] =>
      run(code(create(deploys(raw(0)), options), create(deploys(raw(0)), options))).stack;
    const [first, second] = two({});
    expect(first).toBe(FIRST);
    expect(second).toBe(createAddress(CONTRACT, 2n));
    const [third, fourth] = two({ salt: 5 });
    expect(third).not.toBe(0n);
    expect(fourth).toBe(0n);
  });
});

describe('what a creation makes', () => {
  const runtime = hexToBytes('0x6001600201');

  it.each([{}, { salt: 3 }])('code, nonce 1, value, and a nonce more for its maker: %j', (options) => {
    const { stack, world } = run(code(create(deploys(runtime), { value: 10, ...options })), RICH);
    const account = world.account(stack[0]!);
    expect(bytesToHex(world.code(account))).toBe(bytesToHex(runtime));
    expect([account.nonce, account.balance]).toEqual([1n, 10n]);
    expect(world.account(CONTRACT).nonce).toBe(2n);
    expect(world.account(CONTRACT).balance).toBe(990n);
  });

  it('nonce 0 before EIP-161', () => {
    const { world } = run(code(create(deploys(runtime))), { fork: 'TangerineWhistle' });
    expect(world.account(FIRST).nonce).toBe(0n);
    expect(world.code(world.account(FIRST))).toEqual(runtime);
  });

  it('keeps ether that lay at the address', () => {
    const { world } = run(code(create(deploys(runtime), { value: 1 })), {
      ...RICH,
      accounts: [[FIRST, { balance: 5n }]],
    });
    expect(world.account(FIRST).balance).toBe(6n);
  });

  it('its init code sees itself, no call data and its own code', () => {
    const initCode = code(
      'ADDRESS',
      push(0),
      'SSTORE',
      'CALLDATASIZE',
      push(1),
      'SSTORE',
      'CODESIZE',
      push(2),
      ['SSTORE', 'ADDRESS', 'EXTCODESIZE', push(3), 'SSTORE', 'CALLVALUE', push(4), 'SSTORE'],
    );
    const result = run(code(create(initCode, { value: 6 })), RICH);
    expect([0, 1, 2, 3, 4].map((key) => slotOf(result, FIRST, key))).toEqual([
      FIRST,
      0n,
      BigInt(initCode.length),
      0n,
      6n,
    ]);
  });

  it('may be called at once', () => {
    const answers = code(mstore(0, 0x2an), push(32), push(0), 'RETURN');
    const program = code(
      create(deploys(answers)),
      'POP',
      call(FIRST, { outSize: 32 }),
      'POP',
      push(0),
      'MLOAD',
    );
    expect(topOf(program)).toBe(0x2an);
  });

  it('no code where init code stops or destroys itself', () => {
    expect(made(raw(0x00))).toBe(FIRST);
    expect(made(code(push(0), 'SELFDESTRUCT'))).toBe(FIRST);
    expect(made(new Uint8Array(0))).toBe(FIRST);
  });
});

describe('the price of a creation', () => {
  const spent = (initCode: Uint8Array, options: CreateOptions, around: RunOptions = {}): number => {
    const words = options.salt === undefined ? 3 : 4;
    return (
      gasOf(code(create(initCode, options)), around) - gasOf(code(memoryOf(initCode)), around) - 3 * words
    );
  };

  it('is 32,000, the run, 200 a byte of code', () => {
    expect(spent(raw(0), {}, { fork: 'Frontier' })).toBe(32_000);
    expect(spent(code(push(1)), {}, { fork: 'Paris' })).toBe(32_003);
    // PUSH1 5, PUSH1 0, RETURN: 5 bytes of zeros.
    expect(spent(code(push(5), push(0), 'RETURN'), {}, { fork: 'Paris' })).toBe(32_000 + 6 + 3 + 1_000);
  });

  it('has 2 a word of init code from Shanghai on (EIP-3860), and 6 for CREATE2 (EIP-1014)', () => {
    const initCode = code(repeat(65, 'STOP'));
    expect(spent(initCode, {}, { fork: 'Paris' })).toBe(32_000);
    expect(spent(initCode, {}, { fork: 'Shanghai' })).toBe(32_000 + 2 * 3);
    expect(spent(initCode, { salt: 1 }, { fork: 'Paris' })).toBe(32_000 + 6 * 3);
    expect(spent(initCode, { salt: 1 }, { fork: 'Shanghai' })).toBe(32_000 + 8 * 3);
  });

  it('gives all but a 64th to the init code (EIP-150), and all before', () => {
    const shows = code('GAS', push(0), 'MSTORE', push(32), push(0), 'REVERT');
    const initCode = code('GAS', push(0), 'SSTORE');
    const seen = (fork: 'Homestead' | 'Osaka'): bigint =>
      slotOf(run(code(create(initCode)), { fork, gas: 100_000 }), FIRST, 0);
    const before = gasOf(code(memoryOf(initCode))) + 9;
    const left = 100_000 - before - 32_000 - 2;
    expect(seen('Osaka')).toBe(BigInt(left - Math.floor(left / 64) - 2));
    expect(seen('Homestead')).toBe(BigInt(left + 2 - 2));
    const { output } = run(
      code(create(shows), 'RETURNDATASIZE', push(0), push(0), 'RETURNDATACOPY', push(32), push(0), 'RETURN'),
    );
    expect(bytesToBigInt(output)).toBeGreaterThan(9_000_000n);
  });
});

describe('a creation that fails', () => {
  /** Stack, nonce of the maker, gas used out of a million. */
  const outcome = (program: Uint8Array, options: RunOptions = RICH): [bigint, bigint, number] => {
    const { stack, world, gasUsed } = run(program, { gas: 1_000_000, ...options });
    return [stack.at(-1)!, world.account(CONTRACT).nonce, Number(gasUsed)];
  };
  /** All but a 64th of what is left when the child starts is gone. */
  const isBurnt = (gasUsed: number): boolean => gasUsed > 980_000;

  it('for want of balance costs no nonce and no gas of the child', () => {
    const [top, nonce, gasUsed] = outcome(code(create(raw(0), { value: 1_001 })));
    expect([top, nonce, isBurnt(gasUsed)]).toEqual([0n, 1n, false]);
  });

  it('for its nonce costs no gas of the child (EIP-2681)', () => {
    const at = (nonce: bigint): [bigint, bigint, number] =>
      outcome(code(create(raw(0))), { self: { nonce } });
    const [top, nonce, gasUsed] = at(2n ** 64n - 1n);
    expect([top, nonce, isBurnt(gasUsed)]).toEqual([0n, 2n ** 64n - 1n, false]);
    expect(at(2n ** 64n - 2n).slice(0, 2)).toEqual([createAddress(CONTRACT, 2n ** 64n - 2n), 2n ** 64n - 1n]);
  });

  it('for depth costs no nonce and no gas', () => {
    const [top, nonce, gasUsed] = outcome(code(create(raw(0))), { self: { nonce: 1n }, depth: 1_024 });
    expect([top, nonce, isBurnt(gasUsed)]).toEqual([0n, 1n, false]);
    expect(outcome(code(create(raw(0))), { self: { nonce: 1n }, depth: 1_023 })[0]).toBe(FIRST);
  });

  it.each([
    ['a nonce', { nonce: 1n }],
    ['code', { code: raw(0x00) }],
    ['storage', { storage: [[1n, 1n]] as const }],
    ['a delegation', { code: hexToBytes(`0xef0100${'11'.repeat(20)}`) }],
  ])(
    'at an address with %s burns the gas of the child and takes a nonce (EIP-684, EIP-7610)',
    (_, account) => {
      for (const fork of ['Osaka', 'Berlin', 'Frontier'] as const) {
        const [top, nonce, gasUsed] = outcome(code(create(raw(0))), {
          ...RICH,
          fork,
          accounts: [[FIRST, account]],
        });
        // In Frontier the child has all the gas, so that nothing is left to push the 0 with.
        expect([fork, top, nonce, isBurnt(gasUsed)]).toEqual([fork, 0n, 2n, true]);
      }
    },
  );

  it('at an address with balance only is none', () => {
    expect(outcome(code(create(raw(0))), { ...RICH, accounts: [[FIRST, { balance: 9n }]] })[0]).toBe(FIRST);
  });

  it('by an exceptional halt burns the gas, takes a nonce and sends the value back', () => {
    const { stack, world, gasUsed } = run(code(create(code(sstore(1, 1), raw(0xfe)), { value: 5 })), {
      ...RICH,
      gas: 1_000_000,
    });
    expect([stack[0], isBurnt(Number(gasUsed))]).toEqual([0n, true]);
    expect([world.account(CONTRACT).nonce, world.account(CONTRACT).balance]).toEqual([2n, 1_000n]);
    expect(world.account(FIRST).exists).toBe(false);
  });

  it('by REVERT keeps the gas and gives its data', () => {
    const reverting = code(mstore(0, 0xabn), push(1), push(31), 'REVERT');
    const program = code(
      create(reverting),
      'RETURNDATASIZE',
      push(0),
      push(0),
      'RETURNDATACOPY',
      push(0),
      'MLOAD',
    );
    const { stack, gasUsed } = run(program, { gas: 1_000_000 });
    expect([stack[0], stack[1]! >> 248n, isBurnt(Number(gasUsed))]).toEqual([0n, 0xabn, false]);
  });

  it('leaves no return data when it succeeds', () => {
    expect(topOf(code(create(deploys(raw(1, 2, 3))), 'RETURNDATASIZE'))).toBe(0n);
  });

  it('leaves the address warm all the same, but for want of balance', () => {
    const cost = (program: Piece): number => {
      const before = gasOf(code(program), RICH);
      return gasOf(code(program, push(FIRST, 20), 'BALANCE'), RICH) - before;
    };
    expect(cost(create(raw(0)))).toBe(3 + 100);
    expect(cost(create(raw(0xfe)))).toBe(3 + 100);
    expect(cost(create(code(push(0), push(0), 'REVERT')))).toBe(3 + 100);
    expect(cost(create(raw(0), { value: 1_001 }))).toBe(3 + 2_600);
  });
});

describe('the code that is deployed', () => {
  const returning = (size: number, first = 0): Uint8Array =>
    code(push(first), push(0), 'MSTORE8', push(size, 3), push(0), 'RETURN');

  it('may have 24,576 bytes from EIP-170 on', () => {
    const options = { gas: 50_000_000 } as const;
    expect(made(returning(24_576), {}, options)).toBe(FIRST);
    expect(made(returning(24_577), {}, options)).toBe(0n);
    expect(made(returning(24_577), {}, { ...options, fork: 'SpuriousDragon' })).toBe(0n);
    expect(made(returning(24_577), {}, { ...options, fork: 'TangerineWhistle' })).toBe(FIRST);
  });

  it('must not start with 0xEF from London on (EIP-3541)', () => {
    expect(made(returning(1, 0xef))).toBe(0n);
    expect(made(returning(3, 0xef))).toBe(0n);
    expect(made(returning(1, 0xee))).toBe(FIRST);
    expect(made(returning(0, 0xef))).toBe(FIRST);
    expect(made(returning(1, 0xef), {}, { fork: 'Berlin' })).toBe(FIRST);
  });

  it('must be paid for, but in Frontier its want leaves an empty contract with the gas', () => {
    // 100 bytes cost 20,000.
    const initCode = returning(100);
    const base = gasOf(code(memoryOf(initCode))) + 9 + 32_000;
    const own = 3 + 3 + 3 + 12 + 3 + 3;
    const exact = base + own + 20_000;
    const frontier = (gas: number) => run(code(create(initCode)), { fork: 'Frontier', gas });
    expect(frontier(exact).world.code(frontier(exact).world.account(FIRST)).length).toBe(100);
    const short = frontier(exact - 1);
    expect([short.stack.at(-1), short.world.code(short.world.account(FIRST)).length]).toEqual([FIRST, 0]);
    expect(short.gasUsed).toBe(BigInt(base + own));
    expect(short.world.account(FIRST).exists).toBe(true);
    const homestead = run(code(create(initCode)), { fork: 'Homestead', gas: exact - 1 });
    expect([homestead.stack.at(-1), homestead.gasLeft, homestead.world.account(FIRST).exists]).toEqual([
      0n,
      0n,
      false,
    ]);
  });
});

describe('init code', () => {
  it.each(['CREATE', 'CREATE2'])('of %s may have 49,152 bytes from Shanghai on (EIP-3860)', (name) => {
    const program = (size: number): Uint8Array =>
      code(name === 'CREATE2' ? push(0) : [], push(size), push(0), push(0), name);
    expect(haltOf(program(49_152))).toBe('Stop');
    const { halt, gasLeft } = run(program(49_153));
    expect([halt, gasLeft]).toEqual([18, 0n]);
    expect(haltOf(program(49_153), { fork: 'Paris' })).toBe('Stop');
  });
});

describe('init code that begins with 0xEF, which no instruction is', () => {
  // Containers (EIP-3540) and delegations (EIP-7702) begin so; init code is neither, whatever its length.
  it.each(['ef', 'ef00', 'ef0001010004', 'ef0100', `ef0100${'00'.repeat(19)}99`, `ef0100${'00'.repeat(29)}`])(
    '%s runs, and burns all that it has',
    (init) => {
      for (const salt of [undefined, 7]) {
        const options = salt === undefined ? {} : { salt };
        const { stack, world, gasLeft } = run(code(create(hexToBytes(init), options)), {
          ...RICH,
          gas: 1_000_000,
          accounts: [[0x99n, { code: deploys(raw(0)) }]],
        });
        expect(stack).toEqual([0n]);
        expect(Number(gasLeft)).toBeLessThan(1_000_000 / 63);
        expect(world.account(CONTRACT).nonce).toBe(2n);
        expect(world.account(FIRST).exists).toBe(false);
      }
    },
  );
});

describe('a nested creation', () => {
  it('is undone with the one around it, nonces included', () => {
    const inner = code(create(deploys(raw(0))), 'POP', raw(0xfe));
    const { world, stack } = run(code(create(inner)), RICH);
    expect(stack).toEqual([0n]);
    expect(world.account(createAddress(FIRST, 1n)).exists).toBe(false);
    expect(world.account(FIRST).exists).toBe(false);
  });

  it('by a DELEGATECALL bears the name of the caller', () => {
    const maker = code(create(raw(0)), push(0), 'MSTORE', push(32), push(0), 'RETURN');
    const program = code(call(OTHER, { kind: 'DELEGATECALL', outSize: 32 }), 'POP', push(0), 'MLOAD');
    expect(topOf(program, { accounts: [[OTHER, { code: maker }]] })).toBe(FIRST);
  });

  it('concatenated constants stay what they are', () => {
    // Guards the helper: deploys() gives exactly the runtime code.
    const runtime = concatBytes(raw(1, 2, 3), new Uint8Array(40).fill(9));
    const { world } = run(code(create(deploys(runtime))));
    expect(world.code(world.account(FIRST))).toEqual(runtime);
  });
});
