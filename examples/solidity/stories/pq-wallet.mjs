// A wallet that obeys ML-DSA signatures and nothing else.

import { hexToBytes } from 'erbium';
import { BOB, balanceOf, bytes, deploy, ETHER, locally, MALLORY, say, secret } from './world.mjs';

const LEVEL = 65;
const KEY_LENGTH = 1952;
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

  const call = [BOB, ETHER, '0x'];
  const signature = sign(seed, hexToBytes(wallet.read('executeMessage', ...call)));
  say(`Its owner signs "1 ether to Bob": ${signature.length} bytes. Anyone may send that.`);
  wallet.send('Mallory sends it for herself', MALLORY, 'execute', [MALLORY, ETHER, '0x', key, signature]);
  const forged = sign(secret('of Mallory'), hexToBytes(wallet.read('executeMessage', ...call)));
  wallet.send('Mallory signs it with a key of hers', MALLORY, 'execute', [...call, key, forged]);
  wallet.send('Mallory cuts a byte off', MALLORY, 'execute', [...call, key, signature.slice(1)]);
  wallet.send('Bob sends it as it is', BOB, 'execute', [...call, key, signature]);
  wallet.send('Bob sends it again', BOB, 'execute', [...call, key, signature]);
  say(`The wallet has ${balanceOf(wallet.evm, wallet.address)}.`);

  const message = hexToBytes(wallet.read('rotateMessage', nextKey));
  const rotation = [nextKey, sign(next, message), key, sign(seed, message)];
  wallet.send('Both keys sign that the next one takes over', BOB, 'rotate', rotation);
  const late = sign(seed, hexToBytes(wallet.read('executeMessage', ...call)));
  wallet.send('The old key signs once more', BOB, 'execute', [...call, key, late]);

  const bare = deploy('PqWallet', [key], { value: ETHER, active: false });
  const lost = sign(seed, hexToBytes(bare.read('executeMessage', ...call)));
  bare.send('The same on a chain without the extension', BOB, 'execute', [...call, key, lost]);
}
