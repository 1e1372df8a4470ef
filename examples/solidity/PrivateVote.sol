// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ZkVerify} from "./interfaces/ZkVerify.sol";

/// @title A vote of yes or no, by members of a list, in secret
/// @notice A voter proves with the circuit examples/zk/vote.circom to be on the list without saying who. Each has one
/// nullifier per election, so that nobody votes twice. What is voted is public; who voted it is not.
contract PrivateVote {
    /// Public inputs of the circuit: root, nullifier hash, election, vote.
    uint256 private constant INPUTS = 4;
    /// Where a verifying key has its points, behind the byte of the curve: alpha has 64 bytes, each of the others 128.
    uint256 private constant ALPHA = 1;
    uint256 private constant BETA = 65;
    uint256 private constant GAMMA = 193;
    uint256 private constant DELTA = 321;

    /// Root of the list: a Merkle tree of Poseidon hashes, of depth 4.
    uint256 public immutable root;
    /// Unique to this contract on this chain, so that no proof is good for another vote.
    uint256 public immutable electionId;
    /// Seconds; votes are taken up to and including this.
    uint256 public immutable deadline;
    /// The byte of the curve and the verifying key, 771 bytes.
    bytes public verifyingKey;

    mapping(uint256 nullifierHash => bool) public hasVoted;
    /// Votes for no and for yes.
    uint256[2] public tally;

    event Voted(uint256 indexed nullifierHash, uint256 vote);

    /// The key is not one of such a circuit, or one with which anybody can forge.
    error MalformedVerifyingKey();
    error DeadlineInThePast();
    /// A public input is not below the order of the curve: the same number would have several encodings.
    error InputNotBelowOrder(uint256 input);
    error VoteClosed(uint256 deadline);
    error AlreadyVoted(uint256 nullifierHash);
    /// The proof is malformed, or not one for this list, nullifier, election and vote.
    error InvalidProof();

    /// @param key the byte of the curve, 1 for BN254, and the verifying key of the circuit
    constructor(bytes memory key, uint256 listRoot, uint256 lastSecond) {
        bool hasLength = key.length == ZkVerify.keyLength(1, INPUTS);
        // The number of inputs stands behind alpha, beta, gamma and delta.
        if (!hasLength || key[0] != 0x01 || key[449] != 0x00 || uint8(key[450]) != INPUTS) {
            revert MalformedVerifyingKey();
        }
        if (isForgeable(key)) revert MalformedVerifyingKey();
        // No proof; what matters is that something answers. Without the extension there would be an election in which
        // nobody can vote.
        ZkVerify.verify(key, new bytes(256), new uint256[](INPUTS));
        if (listRoot >= ZkVerify.BN254_ORDER) revert InputNotBelowOrder(listRoot);
        if (lastSecond < block.timestamp) revert DeadlineInThePast();
        verifyingKey = key;
        root = listRoot;
        deadline = lastSecond;
        electionId = uint256(keccak256(abi.encode("PrivateVote", block.chainid, address(this)))) % ZkVerify.BN254_ORDER;
    }

    /// @notice Counts a vote. Anyone may send it: who does so does not matter, and should not be the voter.
    /// @param vote 0 for no, 1 for yes
    /// @param proof 256 bytes
    function castVote(uint256 nullifierHash, uint256 vote, bytes calldata proof) external {
        if (block.timestamp > deadline) revert VoteClosed(deadline);
        // The same nullifier plus the order is the same to the circuit, and would be another one to the mapping.
        if (nullifierHash >= ZkVerify.BN254_ORDER) revert InputNotBelowOrder(nullifierHash);
        if (vote >= ZkVerify.BN254_ORDER) revert InputNotBelowOrder(vote);
        if (hasVoted[nullifierHash]) revert AlreadyVoted(nullifierHash);

        uint256[] memory inputs = new uint256[](INPUTS);
        (inputs[0], inputs[1], inputs[2], inputs[3]) = (root, nullifierHash, electionId, vote);
        // The circuit holds the vote to 0 or 1.
        if (!ZkVerify.verify(verifyingKey, proof, inputs)) revert InvalidProof();

        hasVoted[nullifierHash] = true;
        tally[vote]++;
        emit Voted(nullifierHash, vote);
    }

    /// @dev Where gamma and delta are the same, as after a setup of which the second phase was left out, alpha, beta
    /// and the sum of the public inputs with its sign changed are a proof of anything. Where one is the other with its
    /// sign changed, so are they with the sum as it is: hence only the first coordinate counts here, 64 bytes. And a
    /// point at infinity, which is all zero, takes out of the equation what it is paired with.
    function isForgeable(bytes memory key) private pure returns (bool) {
        bytes32 infinity = keccak256(new bytes(128));
        return part(key, GAMMA, 64) == part(key, DELTA, 64) || part(key, ALPHA, 64) == keccak256(new bytes(64))
            || part(key, BETA, 128) == infinity || part(key, GAMMA, 128) == infinity
            || part(key, DELTA, 128) == infinity;
    }

    /// @dev The hash of so many bytes of the key. Its length has been checked.
    function part(bytes memory key, uint256 offset, uint256 length) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(add(key, 32), offset), length)
        }
    }
}
