/** The precompiles of @ethereumjs/evm as references of Ethereum's own. */

import type { Common } from '@ethereumjs/common';
import type { EVM, PrecompileFunc } from '@ethereumjs/evm';
import { peer } from '../../precompiles/ext/lib/peer.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { type ForkName, findFork } from '../forks/fork.ts';
import type { Rules } from '../forks/rules.ts';
import type { Answer, Reference } from '../fuzz/precompile/judge.ts';
import { HARDFORKS } from './fuzz-ethereumjs.ts';
import { verifyKzgProof } from './fuzz-precompile-kzg.ts';

const NAME = '@ethereumjs/evm';

/** Forks that it has rules for. */
export const hasFork = (fork: ForkName): boolean => HARDFORKS[fork] !== undefined;

interface Session {
  readonly evm: EVM;
  readonly common: Common;
  readonly precompile: PrecompileFunc | undefined;
}

/** As the library answers that it expects for proofs. */
const kzg = {
  verifyProof(commitment: string, z: string, y: string, proof: string): boolean {
    const verdict = verifyKzgProof(commitment, BigInt(z), BigInt(y), proof);
    if (verdict === null) throw new Error('C_KZG_BADARGS');
    return verdict;
  },
};

/**
 * Its precompile at the same address.
 * @throws ErbiumError MISSING_PACKAGE naming the package to install
 */
export async function ethereumjsReference({ address }: Precompile): Promise<Reference> {
  const [{ createEVM, getActivePrecompiles }, { Common, Mainnet }] = await Promise.all([
    peer(NAME, () => import('@ethereumjs/evm')),
    peer('@ethereumjs/common', () => import('@ethereumjs/common')),
  ]);
  const sessions = new Map<string, Promise<Session>>();
  const open = async (hardfork: string): Promise<Session> => {
    const common = new Common({ chain: Mainnet, hardfork, customCrypto: { kzg: kzg as never } });
    const evm = await createEVM({ common });
    return {
      evm,
      common,
      precompile: getActivePrecompiles(common).get(address.toString(16).padStart(40, '0')),
    };
  };
  return {
    name: NAME,
    async answer(input, rules: Rules, limit): Promise<Answer> {
      const fork = findFork(rules.fork);
      const hardfork = fork === undefined ? undefined : HARDFORKS[fork];
      if (hardfork === undefined) return { kind: 'unknown', why: `has no rules for ${rules.fork}` };
      let session = sessions.get(hardfork);
      if (session === undefined) sessions.set(hardfork, (session = open(hardfork)));
      const { evm, common, precompile } = await session;
      if (precompile === undefined)
        return { kind: 'unknown', why: `has none at this address in ${rules.fork}` };
      try {
        // A copy: what it does to it is its own affair.
        const result = await precompile({ data: input.slice(), gasLimit: BigInt(limit), common, _EVM: evm });
        const { exceptionError, executionGasUsed, returnValue } = result;
        if (exceptionError === undefined) {
          return { kind: 'output', gas: Number(executionGasUsed), output: returnValue };
        }
        const why = exceptionError.error;
        return why === 'out of gas' ? { kind: 'unpaid', gas: Number.NaN } : { kind: 'failure', why };
      } catch (error) {
        return { kind: 'failure', why: `throws ${String(error)}` };
      }
    },
  };
}
