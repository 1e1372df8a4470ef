/** Valid inputs of ZK_VERIFY and ZK_PROVE. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { zkVerify } from '../../../../precompiles/ext/e102-zk-verify.ts';
import { zkWith } from '../../../../precompiles/ext/zk.ts';
import { bothCurves, chain, joinParts, proveInput, SEED, simulate, zkeyFile } from './groth16-setup.ts';
import type { Sample } from './sample.ts';

const INPUT_COUNTS = [0, 1, 2, 8, 64];
const STEPS = [1, 60];

export function samples(): Sample[] {
  return bothCurves.flatMap((curve) => [
    ...INPUT_COUNTS.map((count) => ({
      row: zkVerify,
      label: `${curve.name} inputs=${count}`,
      input: joinParts(curve, simulate(curve, count, 100 + count)),
    })),
    ...STEPS.map((steps) => {
      const { circuit, witness } = chain(curve, steps, 1);
      const key = zkeyFile(curve, circuit);
      const row = zkWith({ provingKeys: [key] }).find(({ name }) => name === 'ZK_PROVE')!;
      return {
        row,
        label: `${curve.name} wires=${circuit.nVars}`,
        input: proveInput(keccak_256(key), SEED, witness),
      };
    }),
  ]);
}
