// Ether to an address that only its recipient finds and spends from.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes, secretToAddress, signTransaction } from 'erbium';
import { stealthPrivateKey } from 'erbium/ext/privacy';
import { ALICE, BOB, balanceOf, bytes, deploy, ETHER, locally, MALLORY, say, secret } from './world.mjs';

const [STEALTH_ADDRESS, STEALTH_SCAN] = [0xe10cn, 0xe10dn];
const publicKey = (key) => secp256k1.getPublicKey(key, true);

export function run() {
  const [spendKey, viewKey] = [secret('Bob spends'), secret('Bob views')];
  const registry = deploy('StealthRegistry', []);
  const { evm } = registry;
  const meta = bytes(publicKey(spendKey), publicKey(viewKey));
  registry.send('Bob registers a meta-address with a byte too few', BOB, 'registerKeys', [1n, meta.slice(1)]);
  registry.send('Bob registers his meta-address', BOB, 'registerKeys', [1n, meta]);

  const found = hexToBytes(registry.read('stealthMetaAddressOf', BOB, 1n));
  const payment = locally(STEALTH_ADDRESS, found, secret('drawn for this payment'));
  const [address, ephemeral, tag] = [[0, 20], [20, 53], [53]].map((part) =>
    bytesToHex(payment.slice(...part)),
  );
  const nobody = bytesToHex(new Uint8Array(20));
  registry.send('Alice pays nobody', ALICE, 'send', [nobody, ephemeral, tag], ETHER);
  const logs = registry.send('Alice pays 1 ether', ALICE, 'send', [address, ephemeral, tag], ETHER);
  registry.send('Mallory announces a payment that is none', MALLORY, 'announce', [
    1n,
    MALLORY,
    ephemeral,
    tag,
  ]);

  // All that Bob has is the log, and all that he needs to look through it is his viewing key.
  const { args } = logs[0].event;
  const viewTag = args.metadata.slice(0, 4);
  const scan = (view, spend, payee) =>
    locally(STEALTH_SCAN, view, publicKey(spend), args.ephemeralPubKey, viewTag, payee)[31] === 1
      ? 'yes'
      : 'no';
  say(`It went to ${args.stealthAddress}. Is it Bob's? ${scan(viewKey, spendKey, args.stealthAddress)}.`);
  const [hers, herView] = [secret('Mallory spends'), secret('Mallory views')];
  say(
    `Is it Mallory's? ${scan(herView, hers, args.stealthAddress)}. Is hers Bob's? ${scan(viewKey, spendKey, MALLORY)}.`,
  );

  const key = stealthPrivateKey(spendKey, viewKey, hexToBytes(args.ephemeralPubKey));
  const fees = { gas: 21_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 };
  const request = { chainId: 1, nonce: 0, to: BOB, value: ETHER / 2n, ...fees };
  const { status } = evm.transact(signTransaction(request, key));
  say(
    `Bob signs for ${secretToAddress(key)}: ${status}; it has ${balanceOf(evm, args.stealthAddress)} left.`,
  );
  registry.send('Bob removes his meta-address', BOB, 'registerKeys', [1n, '0x']);
}
