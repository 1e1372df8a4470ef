// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";
import {ElGamal} from "./HeCompute.sol";

/// @title HE_DECRYPT: decryption of what HE_ENCRYPT and HE_COMPUTE made
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// ElGamal: scheme 1 (1 byte), secret key (32, little-endian), ciphertext (64), how many bits the value has at most (1:
/// 8, 16 or 32); output the value (32 bytes); gas 4000, 10000 or 2200000 by bits.
/// BFV: scheme 2 or 3, name of a secret key of the host (32), ciphertext (81922 or 393218); output all coefficients, 4
/// bytes each (16384 or 32768 bytes); gas 3000 or 12000, and 3 for each word of input and output.
library HeDecrypt {
    address internal constant PRECOMPILE = address(0xE107);

    /// @notice Fails where the value has more bits.
    function elGamal(bytes32 secretKey, ElGamal memory a, uint8 bits) internal view returns (uint256) {
        bytes memory input = abi.encodePacked(uint8(1), secretKey, a.c1, a.c2, bits);
        return abi.decode(Extension.run(PRECOMPILE, input, 32), (uint256));
    }

    function bfv(uint8 scheme, bytes32 keyName, bytes memory ciphertext) internal view returns (bytes memory) {
        bytes memory input = abi.encodePacked(scheme, keyName, ciphertext);
        return Extension.run(PRECOMPILE, input, scheme == 2 ? 16384 : 32768);
    }
}
