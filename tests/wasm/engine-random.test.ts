/** Cases of the fuzzer, run by one engine and the other, at once and with pauses. */

import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { openContext } from '../../src/evm/context.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { Execution } from '../../src/evm/run.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { blockOf, CaseRunner } from '../../src/fuzz/execute.ts';
import { generateCase, PROFILES } from '../../src/fuzz/generate/index.ts';
import { Random } from '../../src/fuzz/random.ts';
import { MessageKind } from '../../src/machine/message.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { call, code, jumpi, label, push, returnTop } from '../helpers/assembler.ts';
import { CALLER, CONTRACT, showDiff } from '../helpers/run.ts';
import { onBoth } from './pair.ts';

describe('cases', () => {
  it.each(PROFILES)('of the profile %s come out alike, at any gas limit', (profile) => {
    const [slow, fast] = (['bigint', 'wasm'] as const).map(
      (engine) => new CaseRunner(undefined, nobleCrypto, engine),
    );
    const random = new Random(31n);
    for (let i = 0; i < 15; i++) {
      const whole = generateCase(random, { profile, forks: FORKS });
      const { gasUsed } = slow!.run(whole);
      const limits = [
        whole.tx.gasLimit,
        gasUsed,
        gasUsed - 1n,
        gasUsed - BigInt(random.below(Number(gasUsed) + 1)),
      ];
      for (const gasLimit of limits) {
        const fuzzCase: FuzzCase = { ...whole, tx: { ...whole.tx, gasLimit: gasLimit < 0n ? 0n : gasLimit } };
        expect(fast!.run(fuzzCase)).toEqual(slow!.run(fuzzCase));
      }
    }
  });

  it('come out alike where the host interrupts', () => {
    const random = new Random(32n);
    const machine = createMachine({ rules: rulesOf('Osaka'), engine: 'wasm' });
    const plain = createMachine({ rules: rulesOf('Osaka'), engine: 'bigint' });
    let pauses = 0;
    for (let i = 0; i < 120; i++) {
      const { pre, tx, sender, ...rest } = generateCase(random, {
        profile: random.pick(PROFILES),
        forks: ['Osaka'],
      });
      const state = new MemoryState();
      for (const [address, account] of pre) state.put(address, account);
      const to = tx.to ?? CONTRACT;
      const run = (on: typeof machine, interrupted?: () => boolean) => {
        const block = blockOf({ pre, tx, sender, ...rest }, on.rules);
        const context = openContext(
          { machine: on, state, block, interrupted },
          { origin: sender, gasPrice: 10n, blobHashes: [] },
        );
        const execution = new Execution(context, {
          ...{
            kind: MessageKind.Call,
            caller: sender,
            address: to,
            codeAddress: to,
            value: 0n,
            input: tx.data,
          },
          ...{ gas: 5_000_000n, isStatic: false, depth: 0, outputOffset: 0, outputSize: 0 },
        });
        for (;;) {
          const result = execution.advance();
          if (result !== null)
            return [result, context.host.world.refund, showDiff(context.host.world.diff(true))];
          pauses++;
        }
      };
      const expected = run(plain);
      expect(run(machine)).toEqual(expected);
      expect(run(machine, () => random.oneIn(2))).toEqual(expected);
    }
    expect(pauses).toBeGreaterThan(200);
  });
});

// The memory that an engine begins with is full after some thirty frames: what grows it must lose nothing.
describe('frames of a new engine, one in the other', () => {
  const program = code(
    ['GAS', push(40_000), 'GT', jumpi('end'), 'GAS', push(0), 'MSTORE'],
    [call(CONTRACT, { inSize: 2_016, outOffset: 64, outSize: 32 }), push(64), 'MLOAD', push(3), 'MUL', 'ADD'],
    ['CALLDATASIZE', 'ADD', push(0), 'CALLDATALOAD', 'ADD', returnTop],
    [label('end'), 'MSIZE', returnTop],
  );

  it.each([10n ** 6n, 2n ** 52n, 2n ** 64n - 1n])('see their input, from %d gas on', (gas) => {
    const result = onBoth((evm) => {
      evm.setAccount(CONTRACT, { code: program });
      return evm.call({ to: CONTRACT, from: CALLER, gas });
    });
    expect(result.status).toBe('success');
  });
});
