// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DilithiumVerify} from "./DilithiumVerify.sol";
import {Extension} from "./Extension.sol";

/// @title VERIFY_MLDSA44, VERIFY_MLDSA65, VERIFY_MLDSA87: the precompiles of the draft EIP-8355
/// @notice Input: public key, signature, message, with the lengths of DILITHIUM_VERIFY. Output: 1 or 0.
/// Gas: 6500, 9000 or 13500, and 6 for each word of the message.
library VerifyMlDsa {
    address internal constant PRECOMPILE_44 = address(0x12);
    address internal constant PRECOMPILE_65 = address(0x13);
    address internal constant PRECOMPILE_87 = address(0x14);

    /// @notice Whether a message is signed with pure ML-DSA under the empty context; false for wrong lengths, too.
    function verify(uint8 level, bytes memory publicKey, bytes memory signature, bytes memory message)
        internal
        view
        returns (bool)
    {
        (uint256 keyLength, uint256 signatureLength) = DilithiumVerify.lengths(level);
        if (keyLength == 0 || publicKey.length != keyLength || signature.length != signatureLength) return false;
        address precompile = level == 44 ? PRECOMPILE_44 : level == 65 ? PRECOMPILE_65 : PRECOMPILE_87;
        return Extension.verdict(precompile, abi.encodePacked(publicKey, signature, message));
    }
}
