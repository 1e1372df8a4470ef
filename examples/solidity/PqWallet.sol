// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DilithiumVerify} from "./interfaces/DilithiumVerify.sol";

/// @title A wallet that obeys ML-DSA signatures and nothing else
/// @notice It keeps the hash of its key; the key comes with each call. Anyone may send a signed call, and pays its gas.
/// What is signed is the encoding itself and not its hash, so that the signature's strength is that of its level.
contract PqWallet {
    /// A key: its level (1 byte: 44, 65 or 87) and the public key of ML-DSA (1312, 1952 or 2592 bytes).
    bytes32 public keyHash;
    /// Grows with each call and each rotation; a message is good for one nonce.
    uint256 public nonce;

    event Executed(uint256 indexed nonce, address indexed target, uint256 value, bytes data);
    event KeyRotated(uint256 indexed nonce, bytes32 indexed keyHash);

    /// The key is of no level, or its length is not that of its level.
    error MalformedKey();
    /// The key is not the one that the wallet obeys.
    error WrongKey();
    /// The signature is not one of this key over this message, or malformed.
    error InvalidSignature();
    /// The call failed, with this output. The nonce stays, so that the message is still good.
    error CallFailed(bytes output);

    constructor(bytes memory key) payable {
        keyHash = checked(key);
    }

    receive() external payable {}

    /// @notice Calls `target` in the wallet's name.
    /// @param key the level and the public key
    /// @param signature over executeMessage(target, value, data)
    function execute(
        address target,
        uint256 value,
        bytes calldata data,
        bytes calldata key,
        bytes calldata signature
    ) external returns (bytes memory output) {
        authorise(key, signature, executeMessage(target, value, data));
        emit Executed(nonce, target, value, data);
        // Before the call: whoever is called may call back.
        nonce++;
        bool success;
        (success, output) = target.call{value: value}(data);
        if (!success) revert CallFailed(output);
    }

    /// @notice Replaces the key. Both keys sign, so that nobody rotates to a key that nobody has.
    /// @param signature of the key that the wallet has, over rotateMessage(newKey)
    /// @param newSignature of the new key, over the same
    function rotate(
        bytes calldata newKey,
        bytes calldata newSignature,
        bytes calldata key,
        bytes calldata signature
    ) external {
        bytes memory message = rotateMessage(newKey);
        authorise(key, signature, message);
        bytes32 newHash = checked(newKey);
        if (!isSigned(newKey, newSignature, message)) revert InvalidSignature();
        emit KeyRotated(nonce, newHash);
        nonce++;
        keyHash = newHash;
    }

    /// @notice The bytes to sign for a call at the present nonce.
    function executeMessage(address target, uint256 value, bytes calldata data) public view returns (bytes memory) {
        return abi.encode("PqWallet.execute", block.chainid, address(this), nonce, target, value, data);
    }

    /// @notice The bytes to sign for a rotation at the present nonce.
    function rotateMessage(bytes calldata newKey) public view returns (bytes memory) {
        return abi.encode("PqWallet.rotate", block.chainid, address(this), nonce, newKey);
    }

    function authorise(bytes calldata key, bytes calldata signature, bytes memory message) private view {
        if (keccak256(key) != keyHash) revert WrongKey();
        if (!isSigned(key, signature, message)) revert InvalidSignature();
    }

    function isSigned(bytes calldata key, bytes calldata signature, bytes memory message) private view returns (bool) {
        return DilithiumVerify.verify(uint8(key[0]), key[1:], signature, message);
    }

    function checked(bytes memory key) private pure returns (bytes32) {
        if (key.length == 0) revert MalformedKey();
        (uint256 length,) = DilithiumVerify.lengths(uint8(key[0]));
        if (length == 0 || key.length != 1 + length) revert MalformedKey();
        return keccak256(key);
    }
}
