/**
 * The file of a recorded run: JSON with all that it takes to run it again offline, and what came out.
 *
 *   format, version    "erbium-record" and 1
 *   rules              fork; blobs (target, max, baseFeeUpdateFraction; null before there are any); extensions as --ext
 *                      takes them, or null; allowSecrets, pqOnly
 *   block              the fields that `erbium run --block` takes, all of them
 *   run                kind "message": from, to (null for a creation), value, gas, input;
 *                      or kind "transaction": bytes, a signed transaction as it travels
 *   accounts, blockHashes    what was read of the state: see `state/readers/record-json.ts`
 *   outcome            invalid, why the transaction is; or halt, gasUsed, output, created, logsHash (keccak256 of the RLP
 *                      of the logs), diffHash (see `record-run.ts`)
 *   trace              lines and sha256 of the EIP-3155 trace as `--trace` writes it; null where it was too long to take
 *
 * It says nothing about where the state came from: the URL of a node may hold a key. The text is not trusted.
 */

import type { Policy } from '../evm/extensions.ts';
import { REASONS } from '../executor/reasons.ts';
import type { BlobParams } from '../forks/blob-schedule.ts';
import { findFork } from '../forks/fork.ts';
import { type Rules, rulesFrom } from '../forks/rules.ts';
import { Halt } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, toQuantity } from '../primitives/bytes.ts';
import type { Field } from '../primitives/json.ts';
import type { StateRecord } from '../state/readers/record.ts';
import {
  demandFields,
  openRecord,
  readBoolean,
  readStateRecord,
  stateRecordJson,
} from '../state/readers/record-json.ts';
import { BLOCK_FIELDS } from './block.ts';
import type { Outcome, Run, Subject } from './record-run.ts';

/** A trace, so far as it takes to tell whether another is the same. */
export interface TraceDigest {
  readonly lines: number;
  readonly sha256: string;
}

/** A run with all that it read and what came out. */
export interface RunRecord {
  readonly subject: Subject;
  readonly state: StateRecord;
  readonly outcome: Outcome;
  /** null where it was too long to take. */
  readonly trace: TraceDigest | null;
}

const FORMAT = 'erbium-record';
const VERSION = 1;

/** What a run begins from, as a record has it. */
export const inputsJson = ({ rules, extensions, policy, block, run }: Subject, state: StateRecord) => ({
  rules: { fork: rules.fork, blobs: rules.blobs, extensions, ...policy },
  block: Object.fromEntries(
    BLOCK_FIELDS.map((name) => [
      name,
      name === 'coinbase' ? addressToHex(block[name]) : toQuantity(block[name]),
    ]),
  ),
  run: runJson(run),
  ...stateRecordJson(state),
});

function runJson(run: Run): Record<string, string | null> {
  if (run.kind === 'transaction') return { kind: run.kind, bytes: bytesToHex(run.bytes) };
  const { kind, from, to, value, gas, input } = run;
  return {
    kind,
    from: addressToHex(from),
    to: to === null ? null : addressToHex(to),
    value: toQuantity(value),
    gas: toQuantity(gas),
    input: bytesToHex(input),
  };
}

/** The text of a record; the same record has the same text. */
export function recordText({ subject, state, outcome, trace }: RunRecord): string {
  const record = { format: FORMAT, version: VERSION, ...inputsJson(subject, state), outcome, trace };
  return `${JSON.stringify(record, null, 1)}\n`;
}

/** @throws ErbiumError INVALID_RECORD naming the source and the place */
export function parseRecord(text: string, source: string): RunRecord {
  const root = openRecord(text, source);
  if (root.maybe('format')?.value !== FORMAT) {
    root.fail(`no record of a run: it has no "format": "${FORMAT}"`);
  }
  const version = root.get('version');
  if (version.index() !== VERSION)
    version.fail(`this Erbium reads version ${VERSION}, not ${version.index()}`);
  const members = ['rules', 'block', 'run', 'accounts', 'blockHashes', 'outcome', 'trace'];
  demandFields(root, ['format', 'version', ...members]);
  return {
    subject: {
      ...readRules(root.get('rules')),
      block: readBlock(root.get('block')),
      run: readRun(root.get('run')),
    },
    state: readStateRecord(root),
    outcome: readOutcome(root.get('outcome')),
    trace: readTrace(root.get('trace')),
  };
}

function readRules(field: Field): Pick<Subject, 'rules' | 'extensions' | 'policy'> {
  demandFields(field, ['fork', 'blobs', 'extensions', 'allowSecrets', 'pqOnly']);
  const fork = field.get('fork');
  const name =
    findFork(fork.string()) ?? fork.fail(`no fork that Erbium knows: ${JSON.stringify(fork.value)}`);
  const policy: Policy = {
    allowSecrets: readBoolean(field.get('allowSecrets')),
    pqOnly: readBoolean(field.get('pqOnly')),
  };
  const rules = withBlobs(rulesFrom(name), field.get('blobs'));
  return { rules, extensions: field.maybe('extensions')?.string() ?? null, policy };
}

function withBlobs(rules: Rules, field: Field): Rules {
  if ((field.value === null) !== (rules.blobs === null)) {
    field.fail(rules.blobs === null ? `there are none in ${rules.fork}` : `missing for ${rules.fork}`);
  }
  if (rules.blobs === null) return rules;
  demandFields(field, ['target', 'max', 'baseFeeUpdateFraction']);
  const number = (name: keyof BlobParams): number => Number(field.get(name).number(53));
  const blobs: BlobParams = {
    target: number('target'),
    max: number('max'),
    baseFeeUpdateFraction: number('baseFeeUpdateFraction'),
  };
  if (blobs.baseFeeUpdateFraction === 0) field.get('baseFeeUpdateFraction').fail('must not be 0');
  return { ...rules, blobs };
}

function readBlock(field: Field): BlockEnv {
  demandFields(field, BLOCK_FIELDS);
  const read = (name: keyof BlockEnv): bigint =>
    name === 'coinbase' ? field.get(name).address() : field.get(name).number();
  return Object.fromEntries(BLOCK_FIELDS.map((name) => [name, read(name)])) as Record<keyof BlockEnv, bigint>;
}

function readRun(field: Field): Run {
  const kind = field.get('kind');
  if (kind.value === 'transaction') {
    demandFields(field, ['kind', 'bytes']);
    return { kind: 'transaction', bytes: field.get('bytes').bytes() };
  }
  if (kind.value !== 'message') kind.fail('expected "message" or "transaction"');
  demandFields(field, ['kind', 'from', 'to', 'value', 'gas', 'input']);
  const to = field.get('to');
  return {
    kind: 'message',
    from: field.get('from').address(),
    to: to.value === null ? null : to.address(),
    value: field.get('value').number(),
    gas: field.get('gas').number(64),
    input: field.get('input').bytes(),
  };
}

function readOutcome(field: Field): Outcome {
  const reason = field.maybe('invalid');
  if (reason !== undefined) {
    demandFields(field, ['invalid']);
    if (!Object.hasOwn(REASONS, reason.string())) reason.fail('no reason that Erbium knows');
    return { invalid: reason.string() };
  }
  demandFields(field, ['halt', 'gasUsed', 'output', 'created', 'logsHash', 'diffHash']);
  const halt = field.get('halt');
  if (!Object.hasOwn(Halt, halt.string())) halt.fail('no halt that Erbium knows');
  const created = field.get('created');
  return {
    halt: halt.string(),
    gasUsed: toQuantity(field.get('gasUsed').number(64)),
    output: bytesToHex(field.get('output').bytes()),
    created: created.value === null ? null : addressToHex(created.address()),
    logsHash: bytesToHex(field.get('logsHash').fixed(32)),
    diffHash: bytesToHex(field.get('diffHash').fixed(32)),
  };
}

function readTrace(field: Field): TraceDigest | null {
  if (field.value === null) return null;
  demandFields(field, ['lines', 'sha256']);
  return { lines: field.get('lines').index(), sha256: bytesToHex(field.get('sha256').fixed(32)) };
}
