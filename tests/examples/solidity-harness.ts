/** A contract through which each function of examples/solidity/interfaces can be called. */

import { readdirSync } from 'node:fs';

const FOLDER = `${import.meta.dirname}/../../examples/solidity/interfaces`;

/** A function for each one of the libraries: name, parameters, library function, what it gives. */
export const FUNCTIONS: readonly (readonly [
  name: string,
  parameters: string,
  call: string,
  gives: string,
])[] = [
  [
    'dilithiumVerify',
    'uint8 a, bytes memory b, bytes memory c, bytes memory d',
    'DilithiumVerify.verify(a, b, c, d)',
    'bool',
  ],
  [
    'dilithiumFormatted',
    'uint8 a, bytes memory b, bytes memory c, bytes memory d',
    'DilithiumVerify.verifyFormatted(a, b, c, d)',
    'bool',
  ],
  [
    'dilithiumMu',
    'uint8 a, bytes memory b, bytes memory c, bytes32 d, bytes32 e',
    'DilithiumVerify.verifyMu(a, b, c, d, e)',
    'bool',
  ],
  [
    'verifyMlDsa',
    'uint8 a, bytes memory b, bytes memory c, bytes memory d',
    'VerifyMlDsa.verify(a, b, c, d)',
    'bool',
  ],
  ['dilithiumSign', 'uint8 a, bytes32 b, bytes memory c', 'DilithiumSign.sign(a, b, c)', 'bytes memory'],
  ['dilithiumKeygen', 'uint8 a, bytes32 b', 'DilithiumKeygen.generate(a, b)', 'bytes memory'],
  [
    'falconVerify',
    'uint8 a, bytes memory b, bytes memory c, bytes memory d',
    'FalconVerify.verify(a, b, c, d)',
    'bool',
  ],
  [
    'slhDsaVerify',
    'uint8 a, bytes memory b, bytes memory c, bytes memory d',
    'SlhDsaVerify.verify(a, b, c, d)',
    'bool',
  ],
  ['zkVerify', 'bytes memory a, bytes memory b, uint256[] memory c', 'ZkVerify.verify(a, b, c)', 'bool'],
  [
    'zkProve',
    'uint8 a, bytes32 b, bytes32 c, uint256[] memory d',
    'ZkProve.prove(a, b, c, d)',
    'bytes memory',
  ],
  ['encryptElGamal', 'bytes32 a, bytes32 b, uint64 c', 'HeEncrypt.elGamal(a, b, c)', 'ElGamal memory'],
  [
    'encryptBfv',
    'uint8 a, bytes32 b, bytes32 c, bytes memory d',
    'HeEncrypt.bfv(a, b, c, d)',
    'bytes memory',
  ],
  ['decryptElGamal', 'bytes32 a, ElGamal memory b, uint8 c', 'HeDecrypt.elGamal(a, b, c)', 'uint256'],
  ['decryptBfv', 'uint8 a, bytes32 b, bytes memory c', 'HeDecrypt.bfv(a, b, c)', 'bytes memory'],
  ['addElGamal', 'ElGamal memory a, ElGamal memory b', 'HeCompute.add(a, b)', 'ElGamal memory'],
  ['subtractElGamal', 'ElGamal memory a, ElGamal memory b', 'HeCompute.subtract(a, b)', 'ElGamal memory'],
  ['addPlainElGamal', 'ElGamal memory a, uint64 b', 'HeCompute.addPlain(a, b)', 'ElGamal memory'],
  ['multiplyPlainElGamal', 'ElGamal memory a, uint64 b', 'HeCompute.multiplyPlain(a, b)', 'ElGamal memory'],
  [
    'rerandomise',
    'bytes32 a, bytes32 b, ElGamal memory c',
    'HeCompute.rerandomise(a, b, c)',
    'ElGamal memory',
  ],
  [
    'computeBfv',
    'uint8 a, uint8 b, bytes memory c, bytes memory d',
    'HeCompute.bfv(a, b, c, d)',
    'bytes memory',
  ],
  [
    'computeBfvPlain',
    'uint8 a, uint8 b, bytes memory c, bytes memory d',
    'HeCompute.bfvPlain(a, b, c, d)',
    'bytes memory',
  ],
  [
    'multiplyBfv',
    'uint8 a, bytes32 b, bytes memory c, bytes memory d',
    'HeCompute.bfvMultiply(a, b, c, d)',
    'bytes memory',
  ],
  ['pedersenCommit', 'uint64 a, bytes32 b', 'PedersenCommit.commit(a, b)', 'bytes32'],
  ['pedersenAdd', 'bytes32 a, bytes32 b', 'PedersenAdd.add(a, b)', 'bytes32'],
  [
    'rangeProofVerify',
    'uint8 a, bytes32[] memory b, bytes memory c',
    'RangeProofVerify.verify(a, b, c)',
    'bool',
  ],
  [
    'rangeProof',
    'uint8 a, bytes32 b, uint64[] memory c, bytes32[] memory d',
    'RangeProof.prove(a, b, c, d)',
    'bytes memory',
  ],
  [
    'confidentialTx',
    'bytes32[] memory a, bytes32[] memory b, uint64 c, bytes memory d, bytes32 e, bytes memory f',
    'ConfidentialTx.verify(a, b, c, d, e, f)',
    'bool',
  ],
  ['stealthAddress', 'bytes memory a, bytes32 b', 'StealthAddress.generate(a, b)', 'bytes memory'],
  [
    'stealthScan',
    'bytes32 a, bytes memory b, bytes memory c, bytes1 d, address e',
    'StealthScan.isMine(a, b, c, d, e)',
    'bool',
  ],
  ['poseidon', 'uint256[] memory a', 'Poseidon.hash(a)', 'uint256'],
  ['poseidonPair', 'uint256 a, uint256 b', 'Poseidon.hash(a, b)', 'uint256'],
];

/** Its source. */
export function harness(): string {
  const files = readdirSync(FOLDER).filter((file) => file !== 'HeCompute.sol');
  const imports = files.map((file) => `import {${file.replace('.sol', '')}} from "./interfaces/${file}";`);
  const bodies = FUNCTIONS.map(
    ([name, parameters, call, gives]) =>
      `function ${name}(${parameters}) external view returns (${gives}) { return ${call}; }`,
  );
  const vrf = `function vrf(bytes memory a, bytes memory b, bytes memory c) external view returns (bool d, bytes32 e) {
    (d, e) = VrfVerify.verify(a, b, c); }`;
  return `// SPDX-License-Identifier: MIT
    pragma solidity ^0.8.20;
    import {ElGamal, HeCompute} from "./interfaces/HeCompute.sol";
    ${imports.join('\n')}
    contract Harness { ${[...bodies, vrf].join('\n')} }`;
}
