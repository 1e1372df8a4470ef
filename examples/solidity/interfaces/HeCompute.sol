// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// A ciphertext of additive ElGamal on ristretto255: k·B and m·B + k·P.
struct ElGamal {
    bytes32 c1;
    bytes32 c2;
}

/// @title HE_COMPUTE: arithmetic with what ciphertexts hold
/// @notice Input: scheme (1 byte: 1 is ElGamal, 2 and 3 are BFV of degree 4096 and 8192), operation (1), operands.
/// A ciphertext has 64, 81922 or 393218 bytes, and so has the output.
/// Gas of ElGamal: 2000; to multiply 3000, to re-randomise 8000. Gas of BFV: 1000, to multiply by a plaintext 4000, by
/// a ciphertext 35000, four times as much for degree 8192; and 3 for each word of input and output.
library HeCompute {
    address internal constant PRECOMPILE = address(0xE108);

    uint8 internal constant ADD = 1;
    uint8 internal constant SUBTRACT = 2;
    uint8 internal constant ADD_PLAIN = 3;
    uint8 internal constant MULTIPLY_PLAIN = 4;
    uint8 internal constant MULTIPLY = 5;
    uint8 internal constant RERANDOMISE = 6;

    /// @notice The sum. Fails where a half of an operand is no encoding of an element.
    function add(ElGamal memory a, ElGamal memory b) internal view returns (ElGamal memory) {
        return elGamal(abi.encodePacked(uint8(1), ADD, a.c1, a.c2, b.c1, b.c2));
    }

    /// @notice The difference. Of a ciphertext and itself, 64 zero bytes.
    function subtract(ElGamal memory a, ElGamal memory b) internal view returns (ElGamal memory) {
        return elGamal(abi.encodePacked(uint8(1), SUBTRACT, a.c1, a.c2, b.c1, b.c2));
    }

    /// @notice The sum with a number that is no secret.
    function addPlain(ElGamal memory a, uint64 number) internal view returns (ElGamal memory) {
        return elGamal(abi.encodePacked(uint8(1), ADD_PLAIN, a.c1, a.c2, number));
    }

    /// @notice The product with a number that is no secret.
    function multiplyPlain(ElGamal memory a, uint64 number) internal view returns (ElGamal memory) {
        return elGamal(abi.encodePacked(uint8(1), MULTIPLY_PLAIN, a.c1, a.c2, number));
    }

    /// @notice Another ciphertext of the same value. Who knows the seed can link the two.
    function rerandomise(bytes32 seed, bytes32 publicKey, ElGamal memory a) internal view returns (ElGamal memory) {
        return elGamal(abi.encodePacked(uint8(1), RERANDOMISE, seed, publicKey, a.c1, a.c2));
    }

    /// @notice ADD or SUBTRACT of two ciphertexts of BFV.
    function bfv(uint8 scheme, uint8 operation, bytes memory a, bytes memory b) internal view returns (bytes memory) {
        checkCiphertext(scheme, a);
        checkCiphertext(scheme, b);
        return Extension.run(PRECOMPILE, abi.encodePacked(scheme, operation, a, b), bfvLength(scheme));
    }

    /// @notice ADD_PLAIN or MULTIPLY_PLAIN of a ciphertext of BFV and coefficients of 4 bytes each.
    function bfvPlain(uint8 scheme, uint8 operation, bytes memory a, bytes memory coefficients)
        internal
        view
        returns (bytes memory)
    {
        checkCiphertext(scheme, a);
        if (coefficients.length % 4 != 0 || coefficients.length > 32768) {
            revert Extension.WrongLength(PRECOMPILE, "coefficients", coefficients.length);
        }
        bytes memory input =
            abi.encodePacked(scheme, operation, a, uint16(coefficients.length / 4), coefficients);
        return Extension.run(PRECOMPILE, input, bfvLength(scheme));
    }

    /// @notice The product of two ciphertexts of BFV, by relinearisation keys of the host.
    function bfvMultiply(uint8 scheme, bytes32 keyName, bytes memory a, bytes memory b)
        internal
        view
        returns (bytes memory)
    {
        checkCiphertext(scheme, a);
        checkCiphertext(scheme, b);
        return Extension.run(PRECOMPILE, abi.encodePacked(scheme, MULTIPLY, keyName, a, b), bfvLength(scheme));
    }

    function bfvLength(uint8 scheme) internal pure returns (uint256) {
        return scheme == 2 ? 81922 : 393218;
    }

    function checkCiphertext(uint8 scheme, bytes memory a) private pure {
        if (a.length != bfvLength(scheme)) revert Extension.WrongLength(PRECOMPILE, "ciphertext", a.length);
    }

    function elGamal(bytes memory input) private view returns (ElGamal memory) {
        (bytes32 c1, bytes32 c2) = abi.decode(Extension.run(PRECOMPILE, input, 64), (bytes32, bytes32));
        return ElGamal(c1, c2);
    }
}
