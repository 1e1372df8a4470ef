/** `t9n`: whether transactions are valid, as far as no state is needed to tell. */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { decodeTransaction } from '../../executor/decode.ts';
import { intrinsicGas } from '../../executor/intrinsic.ts';
import { type Invalid, type InvalidReason, invalid, isInvalid } from '../../executor/reasons.ts';
import { recoverSender } from '../../executor/sender.ts';
import type { Transaction } from '../../executor/transaction.ts';
import type { Rules } from '../../forks/rules.ts';
import { addressToHex } from '../../primitives/address.ts';
import { toHex32, toQuantity } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { MAX_U64, MAX_U256 } from '../../primitives/u256.ts';
import { loadCrypto } from '../crypto-choice.ts';
import type { Command } from './command.ts';
import { TOOL_EXITS } from './exits.ts';
import type { Flags } from './flags.ts';
import { envelopesOf, hexOf, Inputs, isStdin } from './inputs.ts';
import { goJson } from './json.ts';
import { networkRules } from './network.ts';
import { writeOut } from './output.ts';
import { ABOUT_FORKS, chainIdOf, STATE_FLAGS } from './t8n-flags.ts';
import { gethWords } from './words.ts';

export const command: Command = {
  usage: '[options]',
  about: `Tells of each transaction of an RLP list who signed it, what it costs at least, or why it is invalid.

${ABOUT_FORKS}`,
  flags: [
    {
      name: 'input.txs',
      default: 'txs.json',
      help: 'a file .rlp with the list in hex, or stdin with txsRlp',
    },
    ...STATE_FLAGS,
  ],
  exitCodes: TOOL_EXITS,
  run: t9n,
};

interface Verdict {
  readonly error?: string;
  readonly address?: string;
  readonly hash?: string;
  readonly intrinsicGas?: string;
}

async function t9n(flags: Flags): Promise<void> {
  const source = flags.string('input.txs');
  const chainId = chainIdOf(flags);
  const { rules } = networkRules(
    flags.string('state.fork'),
    { number: 0n, timestamp: 0n, difficulty: undefined },
    undefined,
  );
  if (!isStdin(source) && !source.endsWith('.rlp')) {
    throw new ErbiumError('UNREADABLE_FILE', `${source}: only files .rlp are read`);
  }
  const list = envelopesOf(hexOf(new Inputs().get(source, 'txsRlp')), source);
  const crypto = await loadCrypto('noble', 'auto');
  writeOut(`${goJson(list.map((bytes) => verdictOn(bytes, rules, chainId, crypto)))}\n`);
}

function verdictOn(bytes: Uint8Array, rules: Rules, chainId: bigint, crypto: Crypto): Verdict {
  const tx = decodeTransaction(bytes);
  if (isInvalid(tx)) return { error: gethWords(tx) };
  const hash = toHex32(keccakWord(bytes));
  const recovered = checkSigner(tx, rules, chainId) ?? recoverSender(tx, rules, crypto);
  if (isInvalid(recovered)) return { error: gethWords(recovered), hash };
  const address = addressToHex(recovered.sender);
  const { gas, floor } = intrinsicGas(tx, rules);
  const problem = checkNumbers(tx, rules, gas, floor);
  const error = problem === null ? {} : { error: gethWords(problem) };
  return { ...error, address, hash, intrinsicGas: toQuantity(gas) };
}

function checkSigner(tx: Transaction, rules: Rules, chainId: bigint): Invalid | null {
  if (!rules.txTypes.includes(tx.type)) {
    return invalid(`TYPE_${tx.type}_TX_PRE_FORK` as InvalidReason, `type ${tx.type} in ${rules.fork}`);
  }
  if (tx.chainId === null || tx.chainId === chainId) return null;
  return invalid('INVALID_CHAINID', `have ${tx.chainId} want ${chainId}`);
}

function checkNumbers(tx: Transaction, rules: Rules, gas: bigint, floor: bigint): Invalid | null {
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = tx;
  if (gasLimit < gas) return invalid('INTRINSIC_GAS_TOO_LOW', `have ${gasLimit}, want ${gas}`);
  if (gasLimit < floor) {
    return invalid('INTRINSIC_GAS_BELOW_FLOOR_GAS_COST', `have ${gasLimit}, want ${floor}`);
  }
  if (tx.nonce === MAX_U64) return invalid('NONCE_IS_MAX', `nonce ${tx.nonce}`);
  if (maxFeePerGas < maxPriorityFeePerGas) {
    return invalid('PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS', `${maxPriorityFeePerGas} above ${maxFeePerGas}`);
  }
  if (gasLimit * maxFeePerGas > MAX_U256) {
    return invalid('GASLIMIT_PRICE_PRODUCT_OVERFLOW', 'gas * price exceeds 256 bits');
  }
  if (tx.to === null && tx.data.length > rules.maxInitCodeSize) {
    return invalid('INITCODE_SIZE_EXCEEDED', `code size ${tx.data.length} limit ${rules.maxInitCodeSize}`);
  }
  if (gasLimit > rules.maxTxGas) {
    return invalid('GAS_LIMIT_EXCEEDS_MAXIMUM', `cap ${rules.maxTxGas}, tx ${gasLimit}`);
  }
  return null;
}
