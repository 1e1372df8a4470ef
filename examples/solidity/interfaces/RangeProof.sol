// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";
import {PedersenCommit} from "./PedersenCommit.sol";
import {RangeProofVerify} from "./RangeProofVerify.sol";

/// @title RANGE_PROOF: commitments, and the proof that what they hold is below 2^n
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: n (1 byte: 8, 16, 32 or 64), m (1 byte: 1, 2, 4 or 8), seed (32), m values (8 bytes each, little-endian), m
/// blindings (32 each, little-endian). Output: m commitments (32 bytes each) and the proof. Gas: 8500 for each of the
/// n · m bits.
library RangeProof {
    address internal constant PRECOMPILE = address(0xE10E);

    /// @param blindings little-endian
    /// @return output the commitments and behind them the proof
    function prove(uint8 n, bytes32 seed, uint64[] memory values, bytes32[] memory blindings)
        internal
        view
        returns (bytes memory output)
    {
        if (blindings.length != values.length) {
            revert Extension.WrongLength(PRECOMPILE, "blindings", blindings.length);
        }
        bytes memory packed;
        for (uint256 i = 0; i < values.length; i++) {
            packed = abi.encodePacked(packed, PedersenCommit.littleEndian(values[i]));
        }
        bytes memory input = abi.encodePacked(n, uint8(values.length), seed, packed, blindings);
        uint256 length = 32 * values.length + RangeProofVerify.proofLength(n, values.length);
        return Extension.run(PRECOMPILE, input, length);
    }
}
