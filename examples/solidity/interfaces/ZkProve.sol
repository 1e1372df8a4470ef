// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title ZK_PROVE: a Groth16 proof with a proving key of the host
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: keccak256 of the proving key (32 bytes), seed (32), the value of each wire of the circuit (32 each, the first
/// of which is 1). Output: A, B and C, 256 bytes over BN254 or 512 over BLS12-381. Gas: by the size of the key.
library ZkProve {
    address internal constant PRECOMPILE = address(0xE106);

    /// @param curve the curve of the key: 1 is BN254, 2 is BLS12-381
    function prove(uint8 curve, bytes32 provingKey, bytes32 seed, uint256[] memory witness)
        internal
        view
        returns (bytes memory proof)
    {
        return Extension.run(PRECOMPILE, abi.encodePacked(provingKey, seed, witness), curve == 1 ? 256 : 512);
    }
}
