/**
 * What a transaction accesses by itself, before any instruction (EIP-2929, EIP-2930, EIP-3651). That precompiles are
 * warm is said where the world is made.
 */

import type { Address } from '../primitives/address.ts';
import type { Context } from './context.ts';

/**
 * @param to the callee; null for a creation, whose address becomes warm when it starts
 */
export function warmUp(
  context: Context,
  sender: Address,
  to: Address | null,
  accessList: readonly { readonly address: Address; readonly storageKeys: readonly bigint[] }[],
): void {
  const { rules, host } = context;
  if (!rules.accessLists) return;
  const { world } = host;
  world.warmAccount(sender);
  if (to !== null) world.warmAccount(to);
  if (rules.warmCoinbase) world.warmAccount(host.block.coinbase);
  for (const { address, storageKeys } of accessList) {
    world.warmAccount(address);
    for (const key of storageKeys) {
      const slot = world.slot(address, key);
      if (!slot.warm) world.warmSlot(slot);
    }
  }
}
