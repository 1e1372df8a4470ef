// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title FALCON_VERIFY: Falcon signatures (round 3, specification 1.2)
/// @notice Input: log2 of the degree (1 byte: 9 is Falcon-512, 10 is Falcon-1024), public key (897 or 1793 bytes),
/// length of the signature (2), signature (at most 752 or 1462), message (any length). Output: 1 or 0.
/// Gas: 5000 or 7500, and 6 for each word of the message.
library FalconVerify {
    address internal constant PRECOMPILE = address(0xE10F);

    /// @notice Whether a message is signed; false for wrong lengths, too.
    function verify(uint8 logDegree, bytes memory publicKey, bytes memory signature, bytes memory message)
        internal
        view
        returns (bool)
    {
        if (publicKey.length != (logDegree == 9 ? 897 : 1793) || signature.length > 1462) return false;
        bytes memory input =
            abi.encodePacked(logDegree, publicKey, uint16(signature.length), signature, message);
        return Extension.verdict(PRECOMPILE, input);
    }
}
