// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ConfidentialTx} from "./interfaces/ConfidentialTx.sol";
import {PedersenCommit} from "./interfaces/PedersenCommit.sol";

/// @title Ether in notes of which nobody sees the amount
/// @notice A note is a Pedersen commitment to an amount, and has an owner. Ether comes in and goes out in public; in
/// between notes turn into notes of the same sum. To spend a note takes both the owner's account and its opening
/// (amount and blinding), so that who paid it, and knows the opening, cannot take it back.
/// @dev No blinding ever comes here. A deposit is a transfer from a commitment without blinding that the contract makes
/// itself, a withdrawal one whose fee is what is paid out: CONFIDENTIAL_TX checks all three, and nothing else can make
/// a note. So the notes together always hold what `total` says.
contract ShieldedToken {
    /// Amounts count in this, below 2^64.
    uint256 public constant UNIT = 1 gwei;

    enum State {
        Unknown,
        Unspent,
        Spent
    }

    struct Note {
        address owner;
        State state;
    }

    /// What becomes of notes. The new ones have as many owners, 1, 2, 4 or 8.
    struct Transfer {
        bytes32[] outputs;
        address[] owners;
        /// Of CONFIDENTIAL_TX: R and s, 64 bytes.
        bytes signature;
        /// Of the outputs, of 64 bits.
        bytes rangeProof;
    }

    /// By commitment. No commitment is ever a note twice: a spent one would come back to life.
    mapping(bytes32 commitment => Note) public notes;
    /// What all unspent notes hold together, in units.
    uint256 public total;

    event NoteCreated(bytes32 indexed commitment, address indexed owner);
    event NoteSpent(bytes32 indexed commitment, address indexed owner);
    event Deposited(address indexed from, uint64 amount);
    event Withdrawn(address indexed to, uint64 amount);

    /// What is deposited is no whole number of units, or nothing, or too much.
    error InvalidAmount(uint256 amount);
    /// There was such a note already, or it is among the new ones twice.
    error NoteExists(bytes32 commitment);
    /// There is no such note of the caller, or it is spent.
    error NoteNotSpendable(bytes32 commitment);
    error OwnersMismatch();
    error NoOwner();
    error NoRecipient();
    /// The transfer does not balance, is malformed, or is for another purpose.
    error InvalidTransfer();
    error PaymentFailed();

    /// @notice Turns ether into notes.
    /// @param made from an input of the amount without blinding, with fee 0 and
    /// contextOf("deposit", caller, address(0), owners)
    function deposit(Transfer calldata made) external payable {
        uint256 amount = msg.value / UNIT;
        if (amount == 0 || amount > type(uint64).max || amount * UNIT != msg.value) revert InvalidAmount(msg.value);
        bytes32[] memory inputs = new bytes32[](1);
        inputs[0] = PedersenCommit.commit(uint64(amount), 0);
        total += amount;
        create(inputs, made, 0, contextOf("deposit", msg.sender, address(0), made.owners));
        emit Deposited(msg.sender, uint64(amount));
    }

    /// @notice Turns notes of the caller into others.
    /// @param inputs 1 to 255 notes
    /// @param made with fee 0 and contextOf("transfer", caller, address(0), owners)
    function transfer(bytes32[] calldata inputs, Transfer calldata made) external {
        spend(inputs);
        create(inputs, made, 0, contextOf("transfer", msg.sender, address(0), made.owners));
    }

    /// @notice Turns notes of the caller into ether for `recipient`, and other notes.
    /// @param made with the amount as its fee and contextOf("withdraw", caller, recipient, owners); what all is taken of
    /// leaves a note of zero
    function withdraw(bytes32[] calldata inputs, Transfer calldata made, uint64 amount, address payable recipient)
        external
    {
        if (amount == 0) revert InvalidAmount(amount);
        // Ether that is sent there is lost.
        if (recipient == address(0)) revert NoRecipient();
        spend(inputs);
        create(inputs, made, amount, contextOf("withdraw", msg.sender, recipient, made.owners));
        total -= amount;
        emit Withdrawn(recipient, amount);
        (bool success,) = recipient.call{value: amount * UNIT}("");
        if (!success) revert PaymentFailed();
    }

    /// @notice What a transfer is for. It is good for this chain, contract, action, caller, recipient and these owners;
    /// it is good once because its outputs are new notes.
    function contextOf(string memory action, address caller, address recipient, address[] calldata owners)
        public
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode("ShieldedToken", block.chainid, address(this), action, caller, recipient, owners)
        );
    }

    function spend(bytes32[] calldata inputs) private {
        for (uint256 i = 0; i < inputs.length; i++) {
            Note storage note = notes[inputs[i]];
            // One that is there twice is spent the second time.
            if (note.state != State.Unspent || note.owner != msg.sender) revert NoteNotSpendable(inputs[i]);
            note.state = State.Spent;
            emit NoteSpent(inputs[i], msg.sender);
        }
    }

    function create(bytes32[] memory inputs, Transfer calldata made, uint64 fee, bytes32 context) private {
        if (made.owners.length != made.outputs.length) revert OwnersMismatch();
        bool isValid =
            ConfidentialTx.verify(inputs, made.outputs, fee, made.signature, context, made.rangeProof);
        if (!isValid) revert InvalidTransfer();
        for (uint256 i = 0; i < made.outputs.length; i++) {
            bytes32 commitment = made.outputs[i];
            address owner = made.owners[i];
            if (owner == address(0)) revert NoOwner();
            if (notes[commitment].state != State.Unknown) revert NoteExists(commitment);
            notes[commitment] = Note(owner, State.Unspent);
            emit NoteCreated(commitment, owner);
        }
    }
}
