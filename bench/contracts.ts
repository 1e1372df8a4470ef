/** Contracts of our own as workloads, compiled from `contracts/` each time (about a second). */

import { readdirSync, readFileSync } from 'node:fs';
import solc from 'solc';
import { hexToBytes } from '../src/primitives/bytes.ts';
import { keccak256 } from '../src/primitives/keccak.ts';
import type { Workload } from './workload.ts';

// From where this runs, which is dist/bench/, and from where it stands.
const DIRECTORIES = ['../../bench/contracts/', './contracts/'].map((path) => new URL(path, import.meta.url));

/** The workload of a source is what this method of its contract of the same name does, from empty storage. */
const METHOD = 'run()';

const GAS = 10n ** 12n;
const CALLER = 0xa94f_5374_fce5_edbc_8e2a_8697_c153_3167_7e6e_bf0bn;
const ADDRESS = 0xbe7c_43a5_8000_0000_0000_0000_0000_0000_0000_0001n;

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly evm: { readonly deployedBytecode: { readonly object: string } } }>>
    >
  >;
}

function readSources(): Record<string, { content: string }> {
  for (const directory of DIRECTORIES) {
    let files: string[];
    try {
      files = readdirSync(directory);
    } catch {
      continue;
    }
    const sources = files.filter((file) => file.endsWith('.sol')).sort();
    return Object.fromEntries(
      sources.map((file) => [file, { content: readFileSync(new URL(file, directory), 'utf8') }]),
    );
  }
  throw new Error(`no contracts in ${DIRECTORIES.join(' or ')}`);
}

/** @throws Error with the compiler's words where a source does not compile */
export function ownWorkloads(): Workload[] {
  const sources = readSources();
  const input = {
    language: 'Solidity',
    sources,
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      metadata: { appendCBOR: false },
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
    },
  };
  const { errors = [], contracts }: CompilerOutput = JSON.parse(solc.compile(JSON.stringify(input)));
  const fatal = errors.find(({ severity }) => severity === 'error');
  if (fatal !== undefined) throw new Error(fatal.formattedMessage);

  const calldata = keccak256(new TextEncoder().encode(METHOD)).slice(0, 4);
  return Object.keys(sources).map((file) => {
    const name = file.replace('.sol', '');
    const runtime = hexToBytes(contracts[file]![name]!.evm.deployedBytecode.object, file);
    // What the run must leave behind beyond success is what the other EVM says.
    const expect = { status: 'success' } as const;
    return { name: `own.${name}`, runtime, calldata, gas: GAS, caller: CALLER, address: ADDRESS, expect };
  });
}
