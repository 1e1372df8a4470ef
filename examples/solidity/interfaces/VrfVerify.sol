// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title VRF_VERIFY: a verifiable random output, ECVRF-P256-SHA256-TAI (RFC 9381)
/// @notice Input: public key (33 bytes), proof (81), message (any length). Output: 1 (32 bytes) and the random output
/// (32), or 64 zero bytes. Gas: 20000, and 6 for each word of the message. A quantum computer forges it.
library VrfVerify {
    address internal constant PRECOMPILE = address(0xE112);

    /// @notice Whether the proof is valid, false for wrong lengths, too; and the random output, or 0.
    function verify(bytes memory publicKey, bytes memory proof, bytes memory message)
        internal
        view
        returns (bool valid, bytes32 output)
    {
        if (publicKey.length != 33 || proof.length != 81) return (false, 0);
        bytes memory answer = Extension.run(PRECOMPILE, abi.encodePacked(publicKey, proof, message), 64);
        uint256 verdict;
        (verdict, output) = abi.decode(answer, (uint256, bytes32));
        valid = verdict == 1;
    }
}
