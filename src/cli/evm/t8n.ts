/** `t8n`: a state, an environment and transactions in; the state after them and what a block must say of it out. */

import { isInvalidBlock } from '../../executor/block/reasons.ts';
import type { Field } from '../../primitives/json.ts';
import { loadCrypto } from '../crypto-choice.ts';
import { ensureFolder } from '../temporary.ts';
import { type Command, ExitError } from './command.ts';
import { allocOf } from './dump.ts';
import { TOOL_EXIT, TOOL_EXITS } from './exits.ts';
import { type Flags, misused } from './flags.ts';
import { envelopesOf, hexOf, Inputs, isStdin } from './inputs.ts';
import { networkRules } from './network.ts';
import { Outputs } from './outputs.ts';
import { placeOf, readEnv } from './t8n-env.ts';
import { ABOUT_FORKS, chainIdOf, readBlobParams, rewardOf, T8N_FLAGS, watchOf } from './t8n-flags.ts';
import { bodyOf, resultJson } from './t8n-result.ts';
import { runTransition } from './t8n-run.ts';
import { AskedHashes, readAlloc } from './t8n-state.ts';
import { readTransaction } from './transactions.ts';
import { gethBlockWords } from './words.ts';

export const command: Command = {
  usage: '[options]',
  about: `Runs transactions on a state and writes the state after them and what a block must say of it.

${ABOUT_FORKS}

Exit codes: 2 there can be no such block, 3 configuration or fork, 4 a block hash is missing, 10 JSON, 11 files, 12 RLP`,
  flags: T8N_FLAGS,
  exitCodes: TOOL_EXITS,
  run: t8n,
};

async function t8n(flags: Flags): Promise<void> {
  if (flags.args.length > 0) throw misused(`unexpected argument ${JSON.stringify(flags.args[0])}`);
  const [chainId, reward, isStateTest] = [chainIdOf(flags), rewardOf(flags), flags.switch('state-test')];
  const inputs = new Inputs();
  const envJson = inputs.get(flags.string('input.env'), 'env');
  const { rules, isDaoBlock } = networkRules(
    flags.string('state.fork'),
    placeOf(envJson),
    blobParamsOf(flags, inputs),
  );
  const env = readEnv(envJson, rules, isStateTest);
  const hashes = new AskedHashes(env.blockHashes);
  const state = readAlloc(inputs.get(flags.string('input.alloc'), 'alloc'), hashes);
  const crypto = await loadCrypto('noble', 'auto');
  const transactions = transactionsOf(flags.string('input.txs'), inputs, (json) =>
    readTransaction(json, chainId, crypto),
  );
  if (rules.historyContract !== 0n && !isStateTest) hashes.of(env.header.number - 1n);
  hashes.check();

  const folder = flags.string('output.basedir');
  if (folder !== '') ensureFolder(folder);
  const watch = await watchOf(flags, folder);
  try {
    const given = { rules, isDaoBlock, chainId, state, env, transactions, reward, isStateTest, crypto };
    const result = runTransition({ ...given, watch });
    hashes.check();
    if (isInvalidBlock(result)) {
      throw new ExitError(TOOL_EXIT.EVM, 'INVALID_FIXTURE', gethBlockWords(result));
    }
    const outputs = new Outputs(folder);
    outputs.add(flags.string('output.alloc'), 'alloc', allocOf(state));
    outputs.add(flags.string('output.body'), 'body', bodyOf(result));
    if (watch !== undefined) outputs.add(flags.string('opcode.count'), 'opcodeCounts', watch.opcodeCounts());
    outputs.add(flags.string('output.result'), 'result', resultJson(result, env, rules, crypto));
    outputs.writeFiles();
    watch?.keep();
    outputs.writeStreams();
  } finally {
    watch?.close();
  }
}

function blobParamsOf(flags: Flags, inputs: Inputs) {
  // Standard input may bring some without being asked.
  const isGiven = flags.isSet('input.blobParams');
  if (!isGiven && !isStdin(flags.string('input.env'))) return undefined;
  const params = inputs.maybe(isGiven ? flags.string('input.blobParams') : 'stdin', 'blobParams');
  return params === undefined ? undefined : readBlobParams(params);
}

/** Transactions as JSON, or as RLP in hex where the file or the part of standard input is named so. */
function transactionsOf(source: string, inputs: Inputs, read: (json: Field) => Uint8Array): Uint8Array[] {
  const rlp = isStdin(source) ? inputs.maybe(source, 'txsRlp') : undefined;
  if (rlp !== undefined && rlp.value !== '') return envelopesOf(hexOf(rlp), 'txsRlp');
  const json = inputs.maybe(source, 'txs');
  if (json === undefined) return [];
  return source.endsWith('.rlp') ? envelopesOf(hexOf(json), source) : json.list().map(read);
}
