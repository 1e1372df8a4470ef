/**
 * `erbium trace --record`: what was traced, run once more and written as a record, the same as that of `erbium run` and
 * `erbium statetest`. A tracer knows nothing of records: what a run reads it asks for again, and that is at hand by then.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { finish } from '../evm/pause.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { isInvalid } from '../executor/reasons.ts';
import { recoverSender } from '../executor/sender.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { RemoteReader, StateReader } from '../state/reader.ts';
import { recordState } from '../state/readers/record.ts';
import { loadCrypto } from './crypto-choice.ts';
import type { Deadline } from './deadline.ts';
import { writeRecord } from './record.ts';
import { plainSubject, runSubject, type Subject } from './record-run.ts';
import type { Replay } from './trace-replay.ts';

/** A run, and what it starts from. */
export interface Recordable {
  readonly subject: Subject;
  /** Fresh at each call. */
  state(): StateReader;
  /** Where that comes from, if it has to be fetched. */
  readonly remote: RemoteReader | null;
}

/** @throws ErbiumError as `writeRecord` */
export async function writeTraced(
  path: string,
  { subject, state, remote }: Recordable,
  { signal, interrupted }: Deadline,
): Promise<void> {
  const crypto = await loadCrypto('noble', 'auto');
  for (;;) {
    const recorder = recordState(state());
    const ended = finish(runSubject(subject, { state: recorder, crypto, precompiles: [], interrupted }));
    if (remote === null || remote.missing === null) {
      return writeRecord(path, subject, recorder.record(), ended, 'noble', interrupted);
    }
    await remote.load(undefined, signal);
  }
}

/**
 * A transaction of a node. A record has it signed, since that is how a transaction says who sent it.
 * @throws ErbiumError UNSUPPORTED where its sender has not signed it, as when a node for tests lets anybody send
 */
export function recordableOf({ rules, block, state, remote, from, signed }: Replay): Recordable {
  const bytes = signed();
  const tx = decodeTransaction(bytes);
  const recovered = isInvalid(tx) ? tx : recoverSender(tx, rules, nobleCrypto);
  if (isInvalid(recovered) || recovered.sender !== from) {
    const problem =
      '--record: the node has no signature of the sender of the transaction: nothing is written';
    throw new ErbiumError('UNSUPPORTED', problem);
  }
  const subject = plainSubject(rules, block, { kind: 'transaction', bytes });
  return { subject, state: () => state, remote };
}
