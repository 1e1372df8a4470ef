// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";
import {ElGamal} from "./HeCompute.sol";

/// @title HE_ENCRYPT: encryption whose ciphertexts can be computed with, deterministic from a seed
/// @notice On a chain seed and value are public: it serves to check an opening, by encrypting again.
/// ElGamal: scheme 1 (1 byte), seed (32), public key (32), value (8); output 64 bytes; gas 8000.
/// BFV of degree 4096 and 8192: scheme 2 or 3, seed (32), name of a public key of the host (32), count (2),
/// coefficients (4 each, below 65537); output 81922 or 393218 bytes; gas 10000 or 40000, and 3 for each word of input
/// and output.
library HeEncrypt {
    address internal constant PRECOMPILE = address(0xE103);

    /// @notice Additive ElGamal on ristretto255. Fails where the public key is none.
    function elGamal(bytes32 seed, bytes32 publicKey, uint64 value) internal view returns (ElGamal memory) {
        bytes memory output = Extension.run(PRECOMPILE, abi.encodePacked(uint8(1), seed, publicKey, value), 64);
        (bytes32 c1, bytes32 c2) = abi.decode(output, (bytes32, bytes32));
        return ElGamal(c1, c2);
    }

    /// @param coefficients 4 bytes each; those that are not given are zero
    function bfv(uint8 scheme, bytes32 seed, bytes32 keyName, bytes memory coefficients)
        internal
        view
        returns (bytes memory ciphertext)
    {
        if (coefficients.length % 4 != 0 || coefficients.length > 32768) {
            revert Extension.WrongLength(PRECOMPILE, "coefficients", coefficients.length);
        }
        bytes memory input =
            abi.encodePacked(scheme, seed, keyName, uint16(coefficients.length / 4), coefficients);
        return Extension.run(PRECOMPILE, input, scheme == 2 ? 81922 : 393218);
    }
}
