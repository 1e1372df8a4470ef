/** Instructions and precompiles of an embedder's own, which the fast engine knows nothing of. */

import { describe, expect, it } from 'vitest';
import { op } from '../../opcodes/index.ts';
import type { OpRow } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import type { Precompile } from '../../precompiles/index.ts';
import { createEvm, type EvmOptions, type EvmResult, Halt } from '../../src/index.ts';
import type { Frame } from '../../src/machine/frame.ts';
import { call, code, jump, label, mstore, push, raw, returnTop, sstore } from '../helpers/assembler.ts';
import { CONTRACT, OTHER } from '../helpers/run.ts';
import { onBoth, wordsOf } from './pair.ts';

const OWN = 0x0c;
const own = (handler: (frame: Frame) => Halt, takes = 0, gives = 0, immediate = 0): OpRow =>
  op(OWN, 'OWN', takes, gives, 7, 'Frontier', handler, 0, immediate);
const row = (name: string): OpRow => OPCODES.find((found) => found.name === name)!;

function run(bytes: Uint8Array, options: EvmOptions = {}, gas = 1_000_000n): EvmResult {
  return onBoth((evm) => evm.execute(bytes, { gas }), options);
}
const topOf = ({ output }: EvmResult): bigint => wordsOf(output)[0]!;

describe('an own instruction', () => {
  it('may change storage behind the loop, which takes notice', () => {
    const writes = own(({ host, address }) => {
      host.setSlot(host.slot(address, 1n), 99n);
      host.transientStore(address, 1n, 77n);
      return Halt.Continue;
    });
    const program = code(
      [sstore(1, 5), push(1), 'SLOAD', 'POP', push(6), push(1), 'TSTORE', push(1), 'TLOAD', 'POP'],
      [raw(OWN), push(1), 'SLOAD', push(0), 'MSTORE', push(1), 'TLOAD', push(32), 'MSTORE'],
      [push(64), push(0), 'RETURN'],
    );
    expect(wordsOf(run(program, { opcodes: [writes] }).output)).toEqual([99n, 77n]);
  });

  it('may take a constant that looks like an instruction, behind which all is paid for', () => {
    const skips = own(
      (frame) => {
        frame.pc++;
        return Halt.Continue;
      },
      0,
      0,
      1,
    );
    for (const constant of [0x01, 0x50, 0x5a, 0x0c, 0xff, 0x54]) {
      const program = code([raw(OWN, constant), 'CALLER', 'POP', 'CALLER', 'POP', 'GAS'], returnTop);
      expect(topOf(run(program, { opcodes: [skips] }))).toBe(1_000_000n - 7n - 8n - 2n);
    }
  });

  it('may go anywhere, into the constant of a PUSH too', () => {
    const goes = own((frame) => {
      frame.pc = Number(frame.stack[--frame.sp]!);
      return Halt.Continue;
    }, 1);
    // PUSH1 5, OWN; at 5 in the constant of the PUSH4: PUSH0, TLOAD, POP.
    const into = code(push(5), raw(OWN), raw(0x63, 0x00, 0x5f, 0x5c, 0x50), 'GAS', returnTop);
    for (const fork of ['Osaka', 'Shanghai', 'London']) run(into, { opcodes: [goes], fork });
    const middle = code(push(6), raw(OWN), 'CALLER', 'CALLER', 'CALLER', 'CALLER', 'GAS', returnTop);
    expect(run(middle, { opcodes: [goes] }).status).toBe('success');
  });

  it('sees the whole stack and may change it', () => {
    const turns = own((frame) => {
      const below = frame.stack.slice(0, frame.sp).reverse();
      for (const [i, word] of below.entries()) frame.stack[i] = word;
      return Halt.Continue;
    });
    const program = code(push(1), push(2), push(3), raw(OWN), returnTop);
    expect(topOf(run(program, { opcodes: [turns] }))).toBe(1n);
  });

  it.each(['PUSH1', 'PUSH32', 'SSTORE', 'SLOAD', 'TSTORE', 'STOP', 'ADD', 'CALLER', 'GAS', 'MSTORE'])(
    'may stand in for %s',
    (name) => {
      const { byte, takes, gives, flags, immediate } = row(name);
      const odd = op(
        byte,
        `MY${name}`,
        takes,
        gives,
        11,
        'Frontier',
        (frame) => {
          frame.sp -= takes;
          for (let i = 0; i < gives; i++) frame.stack[frame.sp++] = 0x1234n;
          frame.pc += immediate;
          return name === 'STOP' ? Halt.Stop : Halt.Continue;
        },
        flags,
        immediate,
      );
      const program = code(
        [push(7), push(3), 'ADD', 'CALLER', 'ADD', push(0), 'MSTORE', sstore(1, 2), push(1), 'SLOAD'],
        [jump('on'), label('on'), push(2n ** 255n), 'GAS', push(64), 'MSTORE', push(32), 'MSTORE'],
        [push(96), push(0), 'RETURN'],
      );
      run(program, { opcodes: [odd] });
    },
  );

  it.each(['JUMPDEST', 'PUSH1', 'PUSH2', 'STOP', 'SSTORE', 'ADD', 'MSTORE', 'GAS', 'CALL'])(
    'may be missing: %s',
    (name) => {
      const program = code(
        [push(7, 1), push(3, 2), 'ADD', push(0, 1), 'MSTORE', sstore(1, 2), call(OTHER), 'GAS'],
        [jump('on'), label('on'), 'STOP'],
      );
      const { status } = run(program, { disabledOpcodes: [name] });
      expect(status).toBe('halt');
    },
  );

  it.each([300, 511, 512, 20_000, 2 ** 29])('may be a known one for %d gas', (gas) => {
    const caller = { ...row('CALLER'), gas };
    const few = code(
      Array.from({ length: 300 }, () => ['CALLER', 'POP']),
      'GAS',
      returnTop,
    );
    const many = code(
      Array.from({ length: 40_000 }, () => ['CALLER', 'POP']),
      'GAS',
      returnTop,
    );
    for (const program of [few, many]) {
      for (const limit of [10_000n, 2n ** 24n, 2n ** 45n]) run(program, { opcodes: [caller] }, limit);
    }
  });

  it('may be more than the fast engine can do, which then says so', () => {
    const jumpdest = { ...row('JUMPDEST'), name: 'MINE' };
    for (const odd of [jumpdest, { ...row('JUMPDEST'), gas: 512 }, { ...row('CALLER'), gas: 2 ** 30 }]) {
      expect(() => createEvm({ engine: 'wasm', opcodes: [odd] })).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED' }),
      );
      const program = code(jump('on'), label('on'), 'CALLER', 'GAS', returnTop);
      const [slow, auto] = (['bigint', 'auto'] as const).map((engine) =>
        createEvm({ engine, opcodes: [odd] }).execute(program, { gas: 2n ** 40n }),
      );
      expect(auto).toEqual(slow);
    }
  });
});

describe('an extension behind its prefix', () => {
  it.each([0x01, 0x50, 0x5a, 0xe0, 0xff])(
    'with the second byte %i is paid for, as is what follows',
    (second) => {
      const echo: Precompile = {
        address: 0xe1f0n,
        name: 'ECHO',
        since: 'Frontier',
        opcode: second,
        gas: (input) => 100 + input.length,
        run: (input) => input.slice(),
      };
      const program = code(
        [mstore(0, 2n ** 255n), push(32), push(32), push(32), push(0), raw(0xae, second)],
        ['CALLER', 'POP', 'GAS', push(64), 'MSTORE', push(0), 'MSTORE', push(96), push(0), 'RETURN'],
      );
      const limits = [...Array.from({ length: 220 }, (_, i) => BigInt(100 + i)), 100_000n];
      const results = onBoth((evm) => limits.map((gas) => evm.execute(program, { gas })), {
        precompiles: [echo],
      });
      // Each limit but the last ends it elsewhere.
      expect(results.at(-1)!.status).toBe('success');
    },
  );
});

describe('a precompile that runs a call itself', () => {
  const REENTRANT = 0xe1f3n;
  /** Adds its calldata word to slot 0, takes a little memory, and returns what the slot was. */
  const COUNTER = code(
    [push(0), 'SLOAD', 'DUP1', push(0), 'CALLDATALOAD', 'ADD', push(0), 'SSTORE'],
    [push(1), push(300_000), 'MSTORE', push(0), 'TLOAD', push(5), push(0), 'TSTORE', 'ADD', returnTop],
  );
  const word = (value: number): Uint8Array => {
    const bytes = new Uint8Array(32);
    bytes[31] = value;
    return bytes;
  };

  it.each([true, false])('keeps the run around it as it is (instruction: %s)', (asInstruction) => {
    const inner = asInstruction
      ? [push(64), push(64), push(32), push(0), raw(0xae, 0xe0), 'POP']
      : [call(REENTRANT, { inSize: 32, outOffset: 64, outSize: 64 }), 'POP'];
    const count = [
      push(3),
      push(0),
      'MSTORE',
      call(OTHER, { inSize: 32, outOffset: 128, outSize: 32 }),
      'POP',
    ];
    const program = code(
      [count, mstore(0, 2n ** 200n), inner, count, push(0), 'TLOAD', push(160), 'MSTORE'],
      [push(192), push(0), 'RETURN'],
    );
    onBoth((_, engine) => {
      let busy = false;
      const again: Precompile = {
        address: REENTRANT,
        name: 'AGAIN',
        since: 'Frontier',
        ...(asInstruction ? { opcode: 0xe0 } : {}),
        gas: () => 10,
        run: (input) => {
          if (busy) return input.slice();
          busy = true;
          const { output } = evm.call({ to: OTHER, data: word(9), gas: 1_000_000n });
          busy = false;
          return Uint8Array.of(Number(wordsOf(output)[0]), ...input);
        },
      };
      const evm = createEvm({ engine, precompiles: [again] });
      evm.setAccount(OTHER, { code: COUNTER, storageDiff: { '0x0': 40 } });
      evm.setAccount(CONTRACT, { code: program });
      const first = evm.call({ to: CONTRACT, gas: 5_000_000n });
      const second = evm.call({ to: CONTRACT, gas: 5_000_000n });
      expect(second).toEqual(first);
      expect(first.status).toBe('success');
      return first;
    });
  });
});
