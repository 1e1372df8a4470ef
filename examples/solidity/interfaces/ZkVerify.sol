// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title ZK_VERIFY: Groth16 proofs over BN254 and BLS12-381
/// @notice Input: curve (1 byte: 1 is BN254, 2 is BLS12-381), verifying key (alpha, beta, gamma, delta, number of
/// public inputs in 2 bytes, IC), proof (A, B, C), public inputs (32 bytes each). Output: 1 or 0.
/// Gas: 181000 + 6150 for each public input over BN254; 168100 + 12000 over BLS12-381.
library ZkVerify {
    address internal constant PRECOMPILE = address(0xE102);
    /// Order of BN254: public inputs are below it, and so is everything a circuit counts with.
    uint256 internal constant BN254_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice Bytes of the byte of the curve and a verifying key; 0 for an unknown curve.
    function keyLength(uint8 curve, uint256 inputs) internal pure returns (uint256) {
        if (curve == 1) return 515 + 64 * inputs;
        return curve == 2 ? 1027 + 128 * inputs : 0;
    }

    /// @notice Whether a proof holds for these public inputs; false for wrong lengths and inputs that are not below the
    /// order, too.
    /// @param verifyingKey the byte of the curve and the key: 515 + 64n or 1027 + 128n bytes
    /// @param proof 256 bytes over BN254, 512 over BLS12-381
    function verify(bytes memory verifyingKey, bytes memory proof, uint256[] memory inputs)
        internal
        view
        returns (bool)
    {
        if (verifyingKey.length == 0) return false;
        uint8 curve = uint8(verifyingKey[0]);
        uint256 length = keyLength(curve, inputs.length);
        if (verifyingKey.length != length || proof.length != (curve == 1 ? 256 : 512)) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(verifyingKey, proof, inputs));
    }
}
