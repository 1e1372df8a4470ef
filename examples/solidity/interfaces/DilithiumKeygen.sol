// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DilithiumVerify} from "./DilithiumVerify.sol";
import {Extension} from "./Extension.sol";

/// @title DILITHIUM_KEYGEN: the ML-DSA key pair of a seed (FIPS 204)
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: level (1 byte: 44, 65 or 87), seed (32). Output: public key (1312, 1952 or 2592 bytes) and secret key
/// (2560, 4032 or 4896). Gas: 10000, 15000 or 20000.
library DilithiumKeygen {
    address internal constant PRECOMPILE = address(0xE105);

    /// @return keys the public key and behind it the secret key
    function generate(uint8 level, bytes32 seed) internal view returns (bytes memory keys) {
        (uint256 publicKey,) = DilithiumVerify.lengths(level);
        uint256 secretKey = level == 44 ? 2560 : level == 65 ? 4032 : 4896;
        return Extension.run(PRECOMPILE, abi.encodePacked(level, seed), publicKey + secretKey);
    }
}
