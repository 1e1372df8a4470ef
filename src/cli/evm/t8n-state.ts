/** The state of a transition, and the block hashes that its code may ask for. */

import type { Field } from '../../primitives/json.ts';
import { MemoryState } from '../../state/readers/memory.ts';
import { ExitError } from './command.ts';
import { TOOL_EXIT } from './exits.ts';

/** The hashes of an environment. One that is asked for and missing makes all that follows worthless. */
export class AskedHashes {
  private readonly hashes: ReadonlyMap<bigint, bigint>;
  private missing: bigint | null = null;

  constructor(hashes: ReadonlyMap<bigint, bigint>) {
    this.hashes = hashes;
  }

  readonly of = (number: bigint): bigint => {
    const hash = this.hashes.get(number);
    if (hash === undefined) this.missing ??= number;
    return hash ?? 0n;
  };

  /** @throws ExitError where a hash was asked for that is not there */
  check(): void {
    if (this.missing === null) return;
    const problem = `getHash(${this.missing}) invoked, blockhash for that block not provided`;
    throw new ExitError(TOOL_EXIT.MISSING_BLOCK_HASH, 'MISSING_STATE', problem);
  }
}

/** An `alloc`, in which all of an account but its balance may be left out. */
export function readAlloc(alloc: Field, hashes: AskedHashes): MemoryState {
  const state = new MemoryState(hashes.of);
  for (const [address, account] of alloc.entries()) {
    state.put(account.key(address).address(), {
      nonce: account.maybe('nonce')?.number(64) ?? 0n,
      balance: account.maybe('balance')?.number() ?? 0n,
      code: account.maybe('code')?.bytes() ?? new Uint8Array(0),
      storage: (account.maybe('storage')?.entries() ?? []).map(
        ([key, value]) => [value.key(key).number(), value.number()] as const,
      ),
    });
  }
  return state;
}
