// What the stories share: a chain with the extensions, a machine of one's own where secrets are allowed, and words.

import { bytesToHex, createEvm, hexToBytes, keccak256 } from 'erbium';
import { loadExtensions } from 'erbium/ext';
import { compile } from '../support.mjs';

const contracts = compile();
const precompiles = await loadExtensions(['postQuantum', 'zk', 'homomorphic', 'privacy', 'research']);

export const ETHER = 10n ** 18n;
export const ALICE = '0x00000000000000000000000000000000000a11ce';
export const BOB = '0x0000000000000000000000000000000000000b0b';
export const CAROL = '0x00000000000000000000000000000000000ca201';
export const MALLORY = '0x0000000000000000000000000000000000bad0ad';

export const bytes = (...parts) => hexToBytes(parts.map(digits).join(''));
const digits = (part) =>
  (typeof part === 'string'
    ? part
    : bytesToHex(typeof part === 'number' ? Uint8Array.of(part) : part)
  ).replace(/^0x/, '');
/** A number in so many bytes, its highest first; `little` has the lowest first. */
export const big = (number, length = 32) => hexToBytes(number.toString(16).padStart(2 * length, '0'));
export const little = (number, length = 32) => big(number, length).reverse();
export const number = (part) => BigInt(`0x${digits(part)}`);
/** 32 bytes that stand for a secret. Real ones come from crypto.getRandomValues. */
export const secret = (label) => keccak256(new TextEncoder().encode(label));

const own = createEvm({ precompiles, allowSecrets: true });
/** An operation on one's own machine, where its input, and the secret in it, stays. */
export function locally(address, ...parts) {
  const { status, reason, output } = own.call({ to: address, data: bytes(...parts) });
  if (status !== 'success') throw new Error(reason);
  return hexToBytes(output);
}

/** A chain of its own, and what becomes of a contract on it. */
function make(name, args, { active = true, timestamp = 1_000, value = 0n } = {}) {
  const contract = contracts[name];
  const evm = createEvm({ precompiles: active ? precompiles : [], abi: contract.abi, block: { timestamp } });
  for (const holder of [ALICE, BOB, CAROL, MALLORY]) evm.setAccount(holder, { balance: 1_000n * ETHER });
  const made = evm.transact({ from: ALICE, value, data: contract.deploy(...args) });
  return { contract, evm, made };
}

const refusal = ({ error, reason }) => `REFUSED: ${error?.name ?? reason}`;

/** Says how a contract is refused. */
export function attempt(words, name, args, options) {
  const { made } = make(name, args, options);
  say(`${words}: ${made.status === 'success' ? 'done' : refusal(made)}`);
}

/** A chain, and on it a contract. Whatever happens is said. */
export function deploy(name, args, options) {
  const { contract, evm, made } = make(name, args, options);
  if (made.status !== 'success') throw new Error(made.reason);
  const address = made.created;
  return {
    evm,
    address,
    read: (method, ...inputs) =>
      contract.decode(method, evm.call({ to: address, data: contract.encode(method, ...inputs) }).output),
    /** Sends a transaction, and says what it does and what comes of it. Without `gas` there is as much as it takes. */
    send(words, from, method, inputs, ether = 0n, gas = undefined) {
      const data = contract.encode(method, ...inputs);
      const result = evm.transact({ from, to: address, value: ether, data, gas });
      const { status, gasUsed, logs } = result;
      const end = status === 'success' ? `done, ${gasUsed} gas` : refusal(result);
      say(`${words}: ${end}`);
      return logs;
    },
  };
}

export const say = (words) => console.log(`  ${words}`);
export const ethers = (wei) => `${Number(wei / 10n ** 14n) / 10_000} ether`;
export const balanceOf = (evm, holder) => ethers(evm.account(holder)?.balance ?? 0n);
