/** Authorizations of EIP-7702, from a fixed set that is signed once: a signature takes as long as many cases. */

import { nobleCrypto } from '../../../precompiles/crypto.ts';
import { type Authorization, authorizationHash } from '../../executor/transaction.ts';
import { SECP256K1_ORDER } from '../../primitives/secp256k1.ts';
import { CHAIN_ID } from '../case.ts';
import type { Random } from '../random.ts';
import { ABSENT, CALLEES, DELEGATING, MAIN, ownerOf, PLAIN, SENDERS } from './places.ts';

let signed: readonly Authorization[] | undefined;

function sign(owner: number, fields: Pick<Authorization, 'chainId' | 'address' | 'nonce'>): Authorization {
  const { r, s, yParity } = nobleCrypto.sign(authorizationHash(fields), ownerOf(owner).secretKey);
  return { ...fields, r, s, yParity: BigInt(yParity) };
}

function signAll(): Authorization[] {
  const all: Authorization[] = [];
  const targets = [MAIN, CALLEES[0]!, CALLEES[1]!];
  // The nonces that the accounts have, and the next ones, for a second authorization of the same account.
  for (const address of targets) {
    for (const nonce of [0n, 1n]) all.push(sign(PLAIN, { chainId: CHAIN_ID, address, nonce }));
    all.push(sign(DELEGATING, { chainId: CHAIN_ID, address, nonce: 1n }));
  }
  all.push(sign(DELEGATING, { chainId: 0n, address: 0n, nonce: 1n }));
  all.push(sign(DELEGATING, { chainId: 0n, address: CALLEES[0]!, nonce: 2n }));
  // The sender's nonce has grown by one before authorizations count.
  for (const owner of SENDERS) {
    all.push(sign(owner, { chainId: CHAIN_ID, address: CALLEES[1]!, nonce: 1n }));
    all.push(sign(owner, { chainId: CHAIN_ID, address: 0n, nonce: 2n }));
  }
  all.push(sign(PLAIN, { chainId: 0n, address: ABSENT[0]!, nonce: 0n }));
  all.push(sign(PLAIN, { chainId: 0n, address: 4n, nonce: 0n }));
  // Passed over: another chain, a nonce that is not the account's, the last nonce.
  all.push(sign(PLAIN, { chainId: 2n, address: MAIN, nonce: 0n }));
  all.push(sign(PLAIN, { chainId: CHAIN_ID, address: MAIN, nonce: 9n }));
  all.push(sign(PLAIN, { chainId: CHAIN_ID, address: MAIN, nonce: (1n << 64n) - 1n }));
  return all;
}

/** A signature that counts for nothing. */
function spoilt(random: Random, authorization: Authorization): Authorization {
  switch (random.below(5)) {
    case 0:
      return { ...authorization, s: SECP256K1_ORDER - authorization.s, yParity: 1n - authorization.yParity };
    case 1:
      return { ...authorization, yParity: 2n };
    case 2:
      return { ...authorization, r: 0n };
    case 3:
      return { ...authorization, s: 0n };
    default:
      return { ...authorization, nonce: authorization.nonce ^ 1n };
  }
}

/** One to three authorizations, mostly valid ones. */
export function authorizationsFor(random: Random): Authorization[] {
  const all = (signed ??= signAll());
  return Array.from({ length: random.between(1, 3) }, () => {
    const authorization = random.pick(all);
    return random.oneIn(8) ? spoilt(random, authorization) : authorization;
  });
}
