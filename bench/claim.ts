/** The call that `call.ts` measures: a claim against a Merkle proof, with hashing, a storage write and an event. */

import solc from 'solc';
import { bytesToHex, concatBytes, type Hex, hexToBytes, toBytes32 } from '../src/primitives/bytes.ts';
import { keccak256 } from '../src/primitives/keccak.ts';

const SOURCE = `
pragma solidity ^0.8.0;

contract Claim {
    mapping(address => uint256) public balanceOf;

    event Claimed(address indexed holder, uint256 amount, bytes32 root);

    function claim(address holder, uint256 amount, bytes32[] calldata proof) external returns (bytes32 root) {
        root = keccak256(abi.encode(holder, amount));
        for (uint256 i = 0; i < proof.length; i++) {
            root = root < proof[i] ? keccak256(abi.encode(root, proof[i])) : keccak256(abi.encode(proof[i], root));
        }
        balanceOf[holder] += amount;
        emit Claimed(holder, amount, root);
    }
}`;

/** Siblings in the proof: as many as make the call cost about 36,000 gas. */
const DEPTH = 32;

const hash = (text: string): Uint8Array => keccak256(new TextEncoder().encode(text));

export interface Claim {
  readonly runtime: Hex;
  readonly calldata: Hex;
}

/** @throws Error with the compiler's words where the source does not compile */
export function makeClaim(): Claim {
  const input = {
    language: 'Solidity',
    sources: { 'Claim.sol': { content: SOURCE } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      metadata: { appendCBOR: false },
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const code = output.contracts?.['Claim.sol']?.Claim?.evm.deployedBytecode.object;
  if (code === undefined) throw new Error(JSON.stringify(output.errors));
  const siblings = Array.from({ length: DEPTH }, (_, i) => hash(`sibling ${i}`));
  const words = [0x0b0bn, 250n, 0x60n, BigInt(DEPTH)].map(toBytes32);
  const calldata = concatBytes(
    hash('claim(address,uint256,bytes32[])').subarray(0, 4),
    ...words,
    ...siblings,
  );
  return { runtime: bytesToHex(hexToBytes(code)), calldata: bytesToHex(calldata) };
}
