// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title RANGE_PROOF_VERIFY: whether committed values are all below 2^n (Bulletproofs on ristretto255)
/// @notice Input: n (1 byte: 8, 16, 32 or 64), m (1 byte: 1, 2, 4 or 8), m commitments (32 bytes each), proof
/// (32 · (9 + 2 · log2(n · m)) bytes). Output: 1 or 0. Gas: 20000 and 800 for each of the n · m bits.
library RangeProofVerify {
    address internal constant PRECOMPILE = address(0xE104);

    /// @notice Bytes of a proof; 0 where there is none of such a size.
    function proofLength(uint8 n, uint256 m) internal pure returns (uint256 length) {
        if (n != 8 && n != 16 && n != 32 && n != 64) return 0;
        if (m != 1 && m != 2 && m != 4 && m != 8) return 0;
        length = 288;
        for (uint256 size = n * m; size > 1; size /= 2) length += 64;
    }

    /// @notice Whether the proof is valid; false for wrong lengths, too.
    function verify(uint8 n, bytes32[] memory commitments, bytes memory proof) internal view returns (bool) {
        uint256 m = commitments.length;
        if (proof.length == 0 || proof.length != proofLength(n, m)) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(n, uint8(m), commitments, proof));
    }
}
