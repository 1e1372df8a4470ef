/** The authorizations of a set-code transaction (EIP-7702). */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { Rules } from '../forks/rules.ts';
import { delegationTo, isDelegation } from '../machine/code.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { World } from '../state/world.ts';
import { recoverAuthority } from './sender.ts';
import type { Authorization } from './transaction.ts';

/** Carries out each authorization that is valid and passes over the others; they outlive a failing run. */
export function authorize(
  authorizations: readonly Authorization[],
  chainId: bigint,
  rules: Rules,
  world: World,
  crypto: Crypto,
): void {
  for (const authorization of authorizations) authorizeOne(authorization, chainId, rules, world, crypto);
}

function authorizeOne(
  authorization: Authorization,
  chainId: bigint,
  rules: Rules,
  world: World,
  crypto: Crypto,
): void {
  const { address, nonce } = authorization;
  if (authorization.chainId !== 0n && authorization.chainId !== chainId) return;
  if (nonce >= MAX_U64) return;
  const authority = recoverAuthority(authorization, crypto);
  if (authority === null) return;
  world.warmAccount(authority, true);
  const account = world.account(authority);
  const code = world.code(account);
  if (code.length > 0 && !isDelegation(code)) return;
  if (account.nonce !== nonce) return;
  if (account.exists) world.addRefund(rules.authorizationRefund);
  world.setCode(authority, address === 0n ? EMPTY_BYTES : delegationTo(address));
  world.setNonce(authority, nonce + 1n);
}
