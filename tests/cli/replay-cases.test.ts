/** Every smoke case, recorded and run again from its record: the same results on both engines, and the same traces. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/index.ts';
import { makeRecord } from '../../src/cli/record.ts';
import { runCase } from '../../src/cli/record-case.ts';
import { parseRecord, type RunRecord, recordText } from '../../src/cli/record-format.ts';
import {
  type Ended,
  type Outcome,
  outcomeOf,
  type Running,
  runSubject,
  type Subject,
} from '../../src/cli/record-run.ts';
import type { EngineChoice } from '../../src/evm/engine-choice.ts';
import { NO_POLICY } from '../../src/evm/extensions.ts';
import { finish } from '../../src/evm/pause.ts';
import { DEFAULT_BLOCK } from '../../src/executor/default-block.ts';
import { rulesFrom } from '../../src/forks/rules.ts';
import { Halt } from '../../src/machine/halt.ts';
import type { Tracer } from '../../src/machine/tracer.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { RecordedState, recordState } from '../../src/state/readers/record.ts';
import { caseId, casesOf, parseFixture, StateTestRunner } from '../../src/statetest/index.ts';
import { eip3155Tracer } from '../../src/tracers/eip3155.ts';
import { code, jump, label } from '../helpers/assembler.ts';
import { SMOKE } from './support.ts';

const crypto = nobleCrypto;
const ENGINES: readonly EngineChoice[] = ['wasm', 'bigint'];

function traceOf(run: (tracer: Tracer) => unknown): Buffer {
  const chunks: Buffer[] = [];
  const tracer = eip3155Tracer({ write: (chunk) => chunks.push(Buffer.from(chunk)) });
  run(tracer);
  tracer.flush();
  return Buffer.concat(chunks);
}

const rerun = ({ subject, state }: RunRecord, how: Pick<Running, 'engine' | 'tracer'>): Outcome =>
  outcomeOf(
    finish(runSubject(subject, { state: new RecordedState(state), crypto, precompiles: [], ...how })),
  );

/**
 * One case of every third file, since a machine of its own for each takes longer than all that it runs; and of those
 * that read what few do.
 */
const cases = readdirSync(SMOKE, { recursive: true, encoding: 'utf8' })
  .filter((name, i) => name.endsWith('.json') && (i % 3 === 0 || /blockhash|collision/.test(name)))
  .map((name, i) => {
    const all = parseFixture(readFileSync(`${SMOKE}/${name}`, 'utf8'), name).flatMap(casesOf);
    return all[(i * 7) % all.length]!;
  });

describe('recorded smoke cases', () => {
  it('are enough', () => {
    expect(cases.length).toBeGreaterThan(60);
  });

  it('come out the same on both engines, whichever they were recorded on', async () => {
    let invalid = 0;
    let lines = 0;
    const fields = new Set<string>();
    for (const [i, testCase] of cases.entries()) {
      const id = caseId(testCase);
      const { subject, state, ended } = runCase(testCase, crypto, ENGINES[i % 2]!);
      const text = recordText(await makeRecord(subject, state, ended, 'noble'));
      const record = parseRecord(text, id);
      expect(recordText(record), id).toBe(text);
      for (const engine of ENGINES) {
        expect(rerun(record, { engine }), id).toEqual(record.outcome);
      }
      // What `erbium statetest --trace` writes of the case, from all of its state.
      const traced = traceOf((tracer) => new StateTestRunner({ tracer }).run(testCase));
      expect(traceOf((tracer) => rerun(record, { tracer })).equals(traced), id).toBe(true);
      const sha256 = `0x${createHash('sha256').update(traced).digest('hex')}`;
      expect(record.trace?.sha256, id).toBe(sha256);
      if ('invalid' in record.outcome) invalid++;
      lines += record.trace?.lines ?? 0;
      if (record.state.blockHashes.size > 0) fields.add('blockHashes');
      for (const account of record.state.accounts.values()) {
        if (account?.hasStorage !== undefined) fields.add('hasStorage');
        if ((account?.storage.size ?? 0) > 0) fields.add('storage');
      }
    }
    // Else the above says little.
    expect(invalid).toBeGreaterThan(5);
    expect(lines).toBeGreaterThan(1_000);
    expect(fields).toEqual(new Set(['blockHashes', 'hasStorage', 'storage']));
  });

  it('and so does a run of many slices, whose trace is that of a run at once', async () => {
    const run = {
      kind: 'message',
      from: 1n,
      to: 0xc0den,
      value: 0n,
      gas: 1_000_000n,
      input: new Uint8Array(0),
    } as const;
    const subject: Subject = {
      rules: rulesFrom(),
      extensions: null,
      policy: NO_POLICY,
      block: DEFAULT_BLOCK,
      run,
    };
    const state = new MemoryState();
    state.put(0xc0den, { code: code(label('loop'), jump('loop')) });
    const recorder = recordState(state);
    const ended = finish(runSubject(subject, { state: recorder, crypto, precompiles: [], engine: 'wasm' }));
    const record = await makeRecord(subject, recorder.record(), ended, 'noble');
    const trace = traceOf((tracer) => rerun(record, { tracer }));
    expect(record.trace).toEqual({
      lines: trace.toString().split('\n').length - 1,
      sha256: `0x${createHash('sha256').update(trace).digest('hex')}`,
    });
    expect(record.trace?.lines).toBeGreaterThan(200_000);
    expect(record.outcome).toMatchObject({ halt: 'OutOfGas', gasUsed: '0xf4240' });
  });

  it('are not made where time is up', async () => {
    const { subject, state, ended } = runCase(cases[0]!, crypto, 'bigint');
    const stopped = { ...(ended as Ended), halt: Halt.HostInterrupt };
    await expect(makeRecord(subject, state, stopped, 'noble')).rejects.toThrow('the run was stopped');
    const other = { ...(ended as Ended), gasUsed: 1n };
    await expect(makeRecord(subject, state, other, 'noble')).rejects.toThrow('otherwise a second time');
  });
});
