// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";
import {PedersenCommit} from "./PedersenCommit.sol";
import {RangeProofVerify} from "./RangeProofVerify.sol";

/// @title CONFIDENTIAL_TX: whether a transfer between Pedersen commitments creates no money
/// @notice The inputs' amounts are those of the outputs and the fee together, every output is below 2^64, and who made
/// the transfer knows the openings of the outputs and so of the inputs' sum.
/// Input: nIn (1 byte: 1 to 255), nOut (1 byte: 1, 2, 4 or 8), fee (8 bytes, little-endian), inputs and outputs (32
/// bytes each), signature (64), context (32), range proof of the outputs (32 · (9 + 2 · log2(64 · nOut)) bytes).
/// Output: 1 or 0. Gas: 20000, 51200 for each output, and 2000 for each input and output.
library ConfidentialTx {
    address internal constant PRECOMPILE = address(0xE10B);

    /// @notice Whether the transfer is valid; false for wrong lengths, too. Whether the inputs exist, are unspent and
    /// whose they are is for the caller to know.
    /// @param context what the transfer is for: it holds for nothing else
    function verify(
        bytes32[] memory inputs,
        bytes32[] memory outputs,
        uint64 fee,
        bytes memory signature,
        bytes32 context,
        bytes memory rangeProof
    ) internal view returns (bool) {
        if (inputs.length == 0 || inputs.length > 255 || signature.length != 64) return false;
        uint256 length = RangeProofVerify.proofLength(64, outputs.length);
        if (length == 0 || rangeProof.length != length) return false;
        bytes memory header =
            abi.encodePacked(uint8(inputs.length), uint8(outputs.length), PedersenCommit.littleEndian(fee));
        return Extension.verdict(
            PRECOMPILE, abi.encodePacked(header, inputs, outputs, signature, context, rangeProof)
        );
    }
}
