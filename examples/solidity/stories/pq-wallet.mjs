// A wallet that obeys ML-DSA signatures and nothing else.

import { hexToBytes } from 'erbium';
import { attempt, BOB, balanceOf, bytes, deploy, ETHER, locally, MALLORY, say, secret } from './world.mjs';

const LEVEL = 65;
const KEY_LENGTH = 1952;
/** What a call gets. */
const GAS = 100_000n;
const [DILITHIUM_SIGN, DILITHIUM_KEYGEN] = [0xe101n, 0xe105n];

const keyOf = (seed) => bytes(LEVEL, locally(DILITHIUM_KEYGEN, LEVEL, seed).slice(0, KEY_LENGTH));
const sign = (seed, message) => locally(DILITHIUM_SIGN, LEVEL, seed, message);

export function run() {
  const [seed, next] = [secret('the key'), secret('the next key')];
  const [key, nextKey] = [keyOf(seed), keyOf(next)];
  const wallet = deploy('PqWallet', [key], { value: 10n * ETHER });
  say(
    `A wallet with 10 ether obeys a key of ML-DSA-${LEVEL}: ${key.length - 1} bytes, of which it keeps a hash.`,
  );

  const call = [BOB, ETHER, GAS, '0x'];
  const signature = sign(seed, hexToBytes(wallet.read('executeMessage', ...call)));
  say(`Its owner signs "1 ether to Bob, with ${GAS} gas": ${signature.length} bytes. Anyone may send that.`);
  wallet.send('Mallory sends it for herself', MALLORY, 'execute', [
    MALLORY,
    ETHER,
    GAS,
    '0x',
    key,
    signature,
  ]);
  const forged = sign(secret('of Mallory'), hexToBytes(wallet.read('executeMessage', ...call)));
  wallet.send('Mallory signs it with a key of hers', MALLORY, 'execute', [...call, key, forged]);
  wallet.send('Mallory cuts a byte off', MALLORY, 'execute', [...call, key, signature.slice(1)]);
  const starved = [MALLORY, 'execute', [...call, key, signature], 0n, 250_000n];
  wallet.send('Mallory sends it with too little gas for that', ...starved);
  wallet.send('Bob sends it as it is', BOB, 'execute', [...call, key, signature]);
  wallet.send('Bob sends it again', BOB, 'execute', [...call, key, signature]);
  say(`The wallet has ${balanceOf(wallet.evm, wallet.address)}.`);

  const message = hexToBytes(wallet.read('rotateMessage', nextKey));
  const rotation = [nextKey, sign(next, message), key, sign(seed, message)];
  wallet.send('Both keys sign that the next one takes over', BOB, 'rotate', rotation);
  const late = sign(seed, hexToBytes(wallet.read('executeMessage', ...call)));
  wallet.send('The old key signs once more', BOB, 'execute', [...call, key, late]);
  const bare = { value: ETHER, active: false };
  attempt('A wallet on a chain without the extension', 'PqWallet', [key], bare);
}
