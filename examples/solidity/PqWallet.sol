// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DilithiumVerify} from "./interfaces/DilithiumVerify.sol";

/// @title A wallet that obeys ML-DSA signatures and nothing else
/// @notice It keeps the hash of its key; the key comes with each call. Anyone may send a signed call, and pays its gas.
/// What is signed is the encoding itself and not its hash, so that the signature's strength is that of its level.
contract PqWallet {
    /// Gas that is spent between the look at what is left and the first instruction of the callee, at most: 2600 for
    /// its account and 2600 for what it delegates to (EIP-7702), 9000 for value, 25000 where the account is new, and
    /// the little that is in between.
    uint256 private constant CALL_COST = 40_000;

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
    /// Whoever sent this gave too little gas for the call to get what was signed. The nonce stays.
    error NotEnoughGas(uint256 gasLimit);
    /// The call failed, with this output. The nonce stays, so that the message is still good.
    error CallFailed(bytes output);

    /// @dev Whether anybody has the secret key is not checked.
    constructor(bytes memory key) payable {
        keyHash = checked(key);
        // No signature; what matters is that something answers. Without the extension the ether would never come out.
        uint8 level = uint8(key[0]);
        (uint256 keyLength, uint256 signatureLength) = DilithiumVerify.lengths(level);
        DilithiumVerify.verify(level, new bytes(keyLength), new bytes(signatureLength), "");
    }

    receive() external payable {}

    /// @notice Calls `target` in the wallet's name.
    /// @param gasLimit what the call gets, neither less nor more. Whoever could choose it could choose what comes of
    /// the call: one that catches the failure of another, starved of gas, succeeds without having done its work.
    /// @param key the level and the public key
    /// @param signature over executeMessage(target, value, gasLimit, data)
    function execute(
        address target,
        uint256 value,
        uint256 gasLimit,
        bytes calldata data,
        bytes calldata key,
        bytes calldata signature
    ) external returns (bytes memory output) {
        authorise(key, signature, executeMessage(target, value, gasLimit, data));
        emit Executed(nonce, target, value, data);
        // Before the call: whoever is called may call back.
        nonce++;
        output = forward(target, value, gasLimit, data);
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
    function executeMessage(address target, uint256 value, uint256 gasLimit, bytes calldata data)
        public
        view
        returns (bytes memory)
    {
        return abi.encode("PqWallet.execute", block.chainid, address(this), nonce, target, value, gasLimit, data);
    }

    /// @notice The bytes to sign for a rotation at the present nonce.
    function rotateMessage(bytes calldata newKey) public view returns (bytes memory) {
        return abi.encode("PqWallet.rotate", block.chainid, address(this), nonce, newKey);
    }

    function forward(address target, uint256 value, uint256 gasLimit, bytes memory data)
        private
        returns (bytes memory output)
    {
        // A call gets at most 63 of 64 parts of what is left, and where more is asked for gets that without a word.
        uint256 left = gasleft();
        if (left < CALL_COST || (left - CALL_COST) * 63 / 64 < gasLimit) revert NotEnoughGas(gasLimit);
        bool success;
        // In Solidity the call would first copy the data once more, which costs gas that nobody has counted.
        assembly ("memory-safe") {
            success := call(gasLimit, target, value, add(data, 32), mload(data), 0, 0)
            output := mload(0x40)
            mstore(0x40, and(add(add(output, 63), returndatasize()), not(31)))
            mstore(output, returndatasize())
            returndatacopy(add(output, 32), 0, returndatasize())
        }
        if (!success) revert CallFailed(output);
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
