/** `erbium state`: looks into states, and proves what is in them. state-transfer.ts moves them. */

import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../primitives/bytes.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import { type JsonOption, loadItems, misused, print, rootOf, withState } from './state.ts';

const addressOf = (text: string): Address => toAddressWord(text, 'address');
const keysOf = (texts: readonly string[]): bigint[] => texts.map((text, i) => toWord(text, `key ${i + 1}`));

export const root = (spec: string, { json }: JsonOption): Promise<void> =>
  withState(spec, (state) => {
    const stateRoot = rootOf(state);
    print(json ? JSON.stringify({ stateRoot }) : stateRoot);
  });

export const roots = (spec: string, { json }: JsonOption): Promise<void> =>
  withState(spec, (state) => {
    if (state.kind !== 'lmdb') throw misused(`${state.name}: former roots are those of a database, lmdb:DIR`);
    const kept = state.reader.roots().map(bytesToHex);
    print(json ? JSON.stringify(kept) : kept.join('\n'));
  });

export async function get(
  spec: string,
  text: string,
  keyTexts: readonly string[],
  { json }: JsonOption,
): Promise<void> {
  const address = addressOf(text);
  const keys = keysOf(keyTexts);
  await withState(spec, async (state) => {
    await loadItems(state, address, keys);
    const { reader } = state;
    const account = reader.account(address);
    const code = account === undefined ? new Uint8Array(0) : reader.code(account.codeHash);
    const storage = keys.map((key) => ({ key: toHex32(key), value: toHex32(reader.storage(address, key)) }));
    const { nonce = 0n, balance = 0n, codeHash = EMPTY_CODE_HASH } = account ?? {};
    if (json) {
      const head = { address: addressToHex(address), exists: account !== undefined };
      const numbers = { nonce: toQuantity(nonce), balance: toQuantity(balance), codeHash: toHex32(codeHash) };
      print(JSON.stringify({ ...head, ...numbers, code: bytesToHex(code), storage }));
      return;
    }
    const lines =
      account === undefined
        ? [`account  ${addressToHex(address)}: not in the state`]
        : [
            `account  ${addressToHex(address)}`,
            `nonce    ${nonce}`,
            `balance  ${balance} wei`,
            `code     ${codeHash === EMPTY_CODE_HASH ? 'none' : `${code.length} bytes, hash ${toHex32(codeHash)}`}`,
          ];
    print(
      [
        ...lines,
        ...keys.map((key) => `slot     ${toQuantity(key)} = ${toQuantity(reader.storage(address, key))}`),
      ].join('\n'),
    );
  });
}

/** As `eth_getProof` answers (EIP-1186): JSON, whether it is asked for or not. */
export async function prove(spec: string, text: string, keyTexts: readonly string[]): Promise<void> {
  const address = addressOf(text);
  const keys = keysOf(keyTexts);
  await withState(spec, (state) => {
    if (state.kind !== 'lmdb' && state.kind !== 'past')
      throw misused(`${state.name}: proofs come from a database, lmdb:DIR`);
    const { accountProof, nonce, balance, codeHash, storageHash, storageProof } = state.reader.proof(
      address,
      keys,
    );
    const proof = {
      address: addressToHex(address),
      accountProof: accountProof.map(bytesToHex),
      balance: toQuantity(balance),
      codeHash: toHex32(codeHash),
      nonce: toQuantity(nonce),
      storageHash: bytesToHex(storageHash),
      storageProof: storageProof.map(({ key, value, proof }) => ({
        key: toHex32(key),
        value: toQuantity(value),
        proof: proof.map(bytesToHex),
      })),
    };
    print(JSON.stringify(proof, null, 2));
  });
}
