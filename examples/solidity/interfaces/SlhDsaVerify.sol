// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title SLH_DSA_VERIFY: stateless hash-based signatures (FIPS 205)
/// @notice Input: parameter set (1 byte: the last number of NIST's object identifier, 20 to 31), public key (32, 48 or
/// 64 bytes), signature (7856 to 49856), message (any length), signed with pure SLH-DSA under the empty context.
/// Output: 1 or 0. Gas: 15000 to 330000 by parameter set, and 6 for each word of the message.
library SlhDsaVerify {
    address internal constant PRECOMPILE = address(0xE110);

    /// @notice Bytes of a public key and of a signature; 0 and 0 for an unknown parameter set. From 20 on the sets are
    /// SHA2-128s, 128f, 192s, 192f, 256s, 256f, and from 26 on the same with SHAKE.
    function lengths(uint8 parameterSet) internal pure returns (uint256 publicKey, uint256 signature) {
        if (parameterSet < 20 || parameterSet > 31) return (0, 0);
        uint256 n = (parameterSet - 20) % 6;
        publicKey = 32 + 16 * (n / 2);
        signature = [uint256(7856), 17088, 16224, 35664, 29792, 49856][n];
    }

    /// @notice Whether a message is signed; false for wrong lengths, too.
    function verify(uint8 parameterSet, bytes memory publicKey, bytes memory signature, bytes memory message)
        internal
        view
        returns (bool)
    {
        (uint256 keyLength, uint256 signatureLength) = lengths(parameterSet);
        if (keyLength == 0 || publicKey.length != keyLength || signature.length != signatureLength) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(parameterSet, publicKey, signature, message));
    }
}
