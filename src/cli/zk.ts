/** `erbium zk`: makes keys of circuits, makes and checks Groth16 proofs. Owns the line; one module for each command. */

import type { Command } from 'commander';

const HELP = `
A circuit is written in circom. setup needs the package circom2, and with --ptau
also snarkjs; prove, verify and export need neither. Files are those of snarkjs.

Examples:
  erbium zk setup vote.circom keys --include node_modules
  erbium zk prove keys input.json
  erbium zk verify keys/verification_key.json public.json proof.json
  erbium zk export keys/verification_key.json public.json proof.json
                                the input of the precompile ZK_VERIFY, at 0xe102

Exit codes: 0 all well; 1 the proof is not valid; 2 wrong usage or unreadable
input.`;

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

const JSON_OPTION = ['--json', 'print one JSON object'] as const;
const KEY_ARGUMENT = ['<key>', 'the verifying key, verification_key.json'] as const;

/** Adds the commands to `erbium zk`; what they do is loaded when one is asked for. */
export function addZkCommands(zk: Command): void {
  zk.addHelpText('after', HELP);

  zk.command('setup')
    .description('compile a circuit, and make its proving and verifying key')
    .argument('<circuit>', 'a file of circom')
    .argument('[out]', 'the folder to make, which must not be there yet; named as the circuit by default')
    .option('--curve <name>', 'bn254 or bls12-381', 'bn254')
    .option('--ptau <file>', 'powers of tau of a ceremony; made here by default, which is for tests only')
    .option('--seed <hex>', '32 bytes that all secrets of the setup come from; random by default')
    .option('--include <dir>', 'where the circuit includes from, again for more', collect)
    .option(...JSON_OPTION)
    .action(async (circuit: string, out: string | undefined, options) =>
      (await import('./zk-setup.ts')).setup(circuit, out, options),
    );

  zk.command('prove')
    .description('make a proof for the inputs of a circuit')
    .argument('<key>', 'the folder that setup made, or a .zkey')
    .argument('<input>', 'the signals of the circuit by name, a JSON object; - is standard input')
    .option('--wasm <file>', 'the compiled circuit; by default the .wasm beside the key, of the same name')
    .option('--seed <hex>', '32 bytes that the blinding of the proof comes from; random by default')
    .option('--out <file>', 'where the proof goes', 'proof.json')
    .option('--public <file>', 'where the public inputs go; public.json beside the proof by default')
    .option(...JSON_OPTION)
    .action(async (key: string, input: string, options) =>
      (await import('./zk-prove.ts')).prove(key, input, options),
    );

  zk.command('verify')
    .description('check a proof')
    .argument(...KEY_ARGUMENT)
    .argument('<public>', 'the public inputs, public.json')
    .argument('<proof>', 'proof.json')
    .option(...JSON_OPTION)
    .action(async (key: string, inputs: string, proof: string, options) =>
      (await import('./zk-verify.ts')).verify(key, inputs, proof, options),
    );

  zk.command('export')
    .description('print a verifying key, or with the other two a whole input, as ZK_VERIFY takes it')
    .argument(...KEY_ARGUMENT)
    .argument('[public]', 'the public inputs, public.json')
    .argument('[proof]', 'proof.json')
    .option('--solidity', 'print a constant of Solidity')
    .option(...JSON_OPTION)
    .action(async (key: string, inputs: string | undefined, proof: string | undefined, options, command) => {
      if (inputs !== undefined && proof === undefined) {
        command.error("error: missing required argument 'proof', or neither it nor the public inputs");
      }
      await (await import('./zk-verify.ts')).exportKey(key, inputs, proof, options);
    });
}
