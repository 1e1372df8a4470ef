// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title DILITHIUM_VERIFY: ML-DSA signatures (FIPS 204)
/// @notice Input: level (1 byte: 44, 65 or 87), public key, signature, message (any length).
/// Public keys have 1312, 1952 or 2592 bytes, signatures 2420, 3309 or 4627. Output: 1 or 0.
/// Gas: 7000, 11000 or 17000, and 6 for each word of the message.
library DilithiumVerify {
    address internal constant PRECOMPILE = address(0xE100);

    /// @notice Bytes of a public key and of a signature; 0 and 0 for an unknown level.
    function lengths(uint8 level) internal pure returns (uint256 publicKey, uint256 signature) {
        if (level == 44) return (1312, 2420);
        if (level == 65) return (1952, 3309);
        if (level == 87) return (2592, 4627);
    }

    /// @notice Whether a message is signed with pure ML-DSA under the empty context; false for wrong lengths, too.
    function verify(uint8 level, bytes memory publicKey, bytes memory signature, bytes memory message)
        internal
        view
        returns (bool)
    {
        (uint256 keyLength, uint256 signatureLength) = lengths(level);
        // The parts stand side by side without lengths: with others they would be cut elsewhere.
        if (keyLength == 0 || publicKey.length != keyLength || signature.length != signatureLength) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(level, publicKey, signature, message));
    }

    /// @notice The same for the message as FIPS 204 formats it (M'), with a context or of HashML-DSA.
    function verifyFormatted(uint8 level, bytes memory publicKey, bytes memory signature, bytes memory formatted)
        internal
        view
        returns (bool)
    {
        (uint256 keyLength, uint256 signatureLength) = lengths(level);
        if (keyLength == 0 || publicKey.length != keyLength || signature.length != signatureLength) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(level + 128, publicKey, signature, formatted));
    }

    /// @notice The same for the representative mu of a message, 64 bytes.
    function verifyMu(uint8 level, bytes memory publicKey, bytes memory signature, bytes32 muHigh, bytes32 muLow)
        internal
        view
        returns (bool)
    {
        (uint256 keyLength, uint256 signatureLength) = lengths(level);
        if (keyLength == 0 || publicKey.length != keyLength || signature.length != signatureLength) return false;
        return Extension.verdict(PRECOMPILE, abi.encodePacked(level + 64, publicKey, signature, muHigh, muLow));
    }
}
