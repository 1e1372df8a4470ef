// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
}

/// @title Stealth addresses: the announcer of ERC-5564 and the registry of ERC-6538 in one
/// @notice A recipient registers two public keys. Who pays makes of them, by STEALTH_ADDRESS on their own machine, an
/// address that nobody can link to the recipient, sends ether there and announces what the recipient needs to find it.
/// The recipient looks through the announcements by STEALTH_SCAN on their own machine. No secret ever comes here.
contract StealthRegistry {
    /// secp256k1 with view tags.
    uint256 public constant SCHEME = 1;
    /// Half the order of secp256k1: of the two signatures that are as good as each other, the one with s up to this
    /// counts, as on Ethereum.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    bytes32 public constant ENTRY_TYPE_HASH =
        keccak256("Erc6538RegistryEntry(uint256 schemeId,bytes stealthMetaAddress,uint256 nonce)");

    mapping(address registrant => mapping(uint256 schemeId => bytes)) public stealthMetaAddressOf;
    mapping(address registrant => uint256) public nonceOf;

    event StealthMetaAddressSet(address indexed registrant, uint256 indexed schemeId, bytes stealthMetaAddress);
    event NonceIncremented(address indexed registrant, uint256 newNonce);
    /// The metadata begin with the view tag; of a payment in ether follow the bytes that ERC-5564 recommends.
    event Announcement(
        uint256 indexed schemeId,
        address indexed stealthAddress,
        address indexed caller,
        bytes ephemeralPubKey,
        bytes metadata
    );

    error ERC6538Registry__InvalidSignature();
    /// Of scheme 1, a meta-address has 66 bytes, and each of its two keys begins with 2 or 3; or it is empty.
    error MalformedMetaAddress();
    /// An ephemeral public key has 33 bytes and begins with 2 or 3.
    error MalformedEphemeralKey();
    error NothingSent();
    error NoRecipient();
    error TransferFailed();

    /// @notice Registers the caller's keys, or replaces them; an empty meta-address removes them.
    function registerKeys(uint256 schemeId, bytes calldata stealthMetaAddress) external {
        register(msg.sender, schemeId, stealthMetaAddress);
    }

    /// @notice Registers or removes the keys of another, who signed that (EIP-712): an account, or a contract
    /// (ERC-1271).
    function registerKeysOnBehalf(
        address registrant,
        uint256 schemeId,
        bytes calldata signature,
        bytes calldata stealthMetaAddress
    ) external {
        bytes32 entry = keccak256(
            abi.encode(ENTRY_TYPE_HASH, schemeId, keccak256(stealthMetaAddress), nonceOf[registrant]++)
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), entry));
        if (!isSignedBy(registrant, digest, signature)) revert ERC6538Registry__InvalidSignature();
        register(registrant, schemeId, stealthMetaAddress);
    }

    /// @notice Takes back what the caller signed and nobody has used yet.
    function incrementNonce() external {
        emit NonceIncremented(msg.sender, ++nonceOf[msg.sender]);
    }

    /// @notice Announces something that went to a stealth address elsewhere. Not checked: anyone may announce anything.
    function announce(
        uint256 schemeId,
        address stealthAddress,
        bytes calldata ephemeralPubKey,
        bytes calldata metadata
    ) external {
        emit Announcement(schemeId, stealthAddress, msg.sender, ephemeralPubKey, metadata);
    }

    /// @notice Sends ether to a stealth address of scheme 1, and announces it.
    function send(address payable stealthAddress, bytes calldata ephemeralPubKey, bytes1 viewTag) external payable {
        if (msg.value == 0) revert NothingSent();
        // No key has this address.
        if (stealthAddress == address(0)) revert NoRecipient();
        if (ephemeralPubKey.length != 33 || !isPrefix(ephemeralPubKey[0])) revert MalformedEphemeralKey();
        // View tag, 0xeeeeeeee for ether, the address that stands for ether, the amount.
        bytes memory metadata = abi.encodePacked(
            viewTag, bytes4(0xeeeeeeee), address(0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE), msg.value
        );
        emit Announcement(SCHEME, stealthAddress, msg.sender, ephemeralPubKey, metadata);
        (bool success,) = stealthAddress.call{value: msg.value}("");
        if (!success) revert TransferFailed();
    }

    /// @notice The domain of EIP-712. Made anew each time, because a fork of the chain has another.
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ERC6538Registry"),
                keccak256("1.0"),
                block.chainid,
                address(this)
            )
        );
    }

    function register(address registrant, uint256 schemeId, bytes calldata meta) private {
        bool isMalformed = meta.length != 66 || !isPrefix(meta[0]) || !isPrefix(meta[33]);
        // Other schemes have forms of their own; an entry of any can be removed.
        if (schemeId == SCHEME && isMalformed && meta.length != 0) revert MalformedMetaAddress();
        stealthMetaAddressOf[registrant][schemeId] = meta;
        emit StealthMetaAddressSet(registrant, schemeId, meta);
    }

    function isPrefix(bytes1 first) private pure returns (bool) {
        return first == 0x02 || first == 0x03;
    }

    /// @dev Never reverts: what a contract answers may be anything.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        // The key first, whether there is code or not: an account that delegates (EIP-7702) has both.
        if (signature.length == 65 && recover(digest, signature) == signer) return signer != address(0);
        (bool success, bytes memory answer) =
            signer.staticcall(abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
        // Where there is no code, the answer is empty.
        if (!success || answer.length < 32) return false;
        return abi.decode(answer, (bytes32)) == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @dev Whose key signed; the zero address where none did.
    function recover(bytes32 digest, bytes calldata signature) private pure returns (address) {
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) return address(0);
        return ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), s);
    }
}
