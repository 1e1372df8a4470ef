// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DilithiumVerify} from "./DilithiumVerify.sol";
import {Extension} from "./Extension.sol";

/// @title DILITHIUM_SIGN: an ML-DSA signature by the key pair of a seed (FIPS 204)
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: level (1 byte: 44, 65 or 87), seed (32), message (any length). Output: signature, 2420, 3309 or 4627 bytes.
/// Gas: 200000, 270000 or 300000, and 6 for each word of the message.
library DilithiumSign {
    address internal constant PRECOMPILE = address(0xE101);

    function sign(uint8 level, bytes32 seed, bytes memory message) internal view returns (bytes memory signature) {
        (, uint256 length) = DilithiumVerify.lengths(level);
        return Extension.run(PRECOMPILE, abi.encodePacked(level, seed, message), length);
    }
}
