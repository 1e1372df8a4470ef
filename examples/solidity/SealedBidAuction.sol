// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ElGamal, HeCompute} from "./interfaces/HeCompute.sol";
import {HeEncrypt} from "./interfaces/HeEncrypt.sol";

/// @title An auction with sealed bids, of which only the sum is known before they are opened
/// @notice Bids come as ciphertexts of additive ElGamal under the seller's key, and the contract adds them up without
/// knowing them. When bidding is over, bidders open their bids, which the contract checks by encrypting again. What it
/// takes from the encrypted sum with each opened bid must leave nothing in the end; if bids stay closed, the seller
/// proves what they come to. The highest opened bid wins and is paid; a bid that stays closed costs its deposit.
/// @dev What is proved is a sum of whatever the ciphertexts hold. One that is never opened may hold a negative number,
/// and then the sum is lower than the bids are. The deposits of closed bids go to the seller: closed bids of their own
/// cost them nothing.
contract SealedBidAuction {
    /// Bids count in this, so that the seller can find a sum by HE_DECRYPT.
    uint256 public constant UNIT = 1e14 wei;
    /// The base point of ristretto255, and the neutral element.
    bytes32 private constant BASE = 0xe2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76;
    bytes32 private constant NEUTRAL = 0;

    struct Bid {
        ElGamal ciphertext;
        /// Wei.
        uint256 deposit;
        /// In the order of bids, from 1 on.
        uint32 number;
        uint32 value;
        bool isOpen;
    }

    address payable public immutable seller;
    /// Of ElGamal on ristretto255, 32 bytes.
    bytes32 public immutable publicKey;
    /// Wei. What it costs at least not to open a bid.
    uint256 public immutable leastDeposit;
    /// Seconds: bids are taken before the first, opened from then on and before the second, paid from then on.
    uint256 public immutable openingBegins;
    uint256 public immutable openingEnds;

    mapping(address bidder => Bid) public bids;
    uint32 public bidCount;
    uint32 public openCount;
    /// The sum of all bids, and of those that are not opened.
    ElGamal public total;
    ElGamal public remaining;
    /// Sum of opened bids, in units.
    uint256 public opened;
    /// Wei that bids which are not opened have deposited.
    uint256 public closedDeposits;
    address public winner;
    bool public isCollected;

    event BidPlaced(address indexed bidder, uint32 number, ElGamal ciphertext, uint256 deposit);
    event BidOpened(address indexed bidder, uint32 value);
    /// The seller has proved what the bids, or those that were not opened, come to.
    event TotalProved(uint64 value);
    event RemainderProved(uint64 value);
    event Collected(address indexed winner, uint32 value, uint256 forfeited);
    event Withdrawn(address indexed bidder, uint256 amount);

    error WrongPhase();
    error WrongTimes();
    /// The least deposit is nothing: to bid and not to open would be free.
    error NoDeposit();
    error DepositTooSmall(uint256 least);
    error AlreadyBid();
    error NoBid();
    error AlreadyOpened();
    /// The ciphertext of the bid is not that of this value and salt.
    error WrongOpening();
    /// The bid is more than its deposit.
    error BidAboveDeposit(uint256 bid, uint256 deposit);
    /// All bids are opened, and yet the encrypted sum is not that of the opened ones.
    error TotalMismatch();
    error InvalidProof();
    error NotSeller();
    error NothingToPay();
    error PaymentFailed();

    constructor(bytes32 key, uint256 least, uint256 bidsUntil, uint256 openUntil) {
        if (block.timestamp >= bidsUntil || bidsUntil >= openUntil) revert WrongTimes();
        if (least == 0) revert NoDeposit();
        // Fails where the key is none.
        HeEncrypt.elGamal(0, key, 0);
        seller = payable(msg.sender);
        publicKey = key;
        leastDeposit = least;
        (openingBegins, openingEnds) = (bidsUntil, openUntil);
    }

    /// @notice Places the caller's bid, which cannot be changed. What is sent with it is the most it can be.
    /// @param ciphertext by HE_ENCRYPT of the value under publicKey, with seedOf(bidder, salt)
    function bid(ElGamal calldata ciphertext) external payable {
        if (block.timestamp >= openingBegins) revert WrongPhase();
        if (msg.value < leastDeposit) revert DepositTooSmall(leastDeposit);
        if (bids[msg.sender].number != 0) revert AlreadyBid();
        // Fails where it is no ciphertext. The two sums are the same before the first bid is opened.
        total = HeCompute.add(total, ciphertext);
        remaining = total;
        closedDeposits += msg.value;
        bids[msg.sender] = Bid(ciphertext, msg.value, ++bidCount, 0, false);
        emit BidPlaced(msg.sender, bidCount, ciphertext, msg.value);
    }

    /// @notice What HE_ENCRYPT has for a seed. The bidder is in it, so that who copies a ciphertext cannot open it.
    function seedOf(address bidder, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode("SealedBidAuction", block.chainid, address(this), bidder, salt));
    }

    /// @notice Opens the caller's bid.
    /// @param value in units
    function open(uint32 value, bytes32 salt) external {
        if (block.timestamp < openingBegins || block.timestamp >= openingEnds) revert WrongPhase();
        Bid storage own = bids[msg.sender];
        if (own.number == 0) revert NoBid();
        if (own.isOpen) revert AlreadyOpened();
        ElGamal memory again = HeEncrypt.elGamal(seedOf(msg.sender, salt), publicKey, value);
        if (!isSame(again, own.ciphertext)) revert WrongOpening();
        if (value * UNIT > own.deposit) revert BidAboveDeposit(value * UNIT, own.deposit);

        own.isOpen = true;
        own.value = value;
        opened += value;
        openCount++;
        closedDeposits -= own.deposit;
        remaining = HeCompute.subtract(remaining, again);
        // Nothing remains where nobody was left out.
        if (openCount == bidCount && !isNothing(remaining)) revert TotalMismatch();

        Bid storage best = bids[winner];
        // Of equal bids, the one that was placed first.
        if (winner == address(0) || value > best.value || (value == best.value && own.number < best.number)) {
            winner = msg.sender;
        }
        emit BidOpened(msg.sender, value);
    }

    /// @notice Takes the seller's proof of what all bids come to, when no more can be placed. Bids that are negative,
    /// and so can never be opened, lower it.
    function proveTotal(uint64 value, bytes32 a1, bytes32 a2, uint256 z) external {
        if (block.timestamp < openingBegins) revert WrongPhase();
        if (!holds(total, value, a1, a2, z)) revert InvalidProof();
        emit TotalProved(value);
    }

    /// @notice Takes the seller's proof of what the bids come to that nobody opened, when no more can be opened.
    function proveRemainder(uint64 value, bytes32 a1, bytes32 a2, uint256 z) external {
        if (block.timestamp < openingEnds) revert WrongPhase();
        if (!holds(remaining, value, a1, a2, z)) revert InvalidProof();
        emit RemainderProved(value);
    }

    /// @notice Pays the seller the highest bid, and the deposits of bids that nobody opened, the seller's own among
    /// them.
    function collect() external {
        if (msg.sender != seller) revert NotSeller();
        if (block.timestamp < openingEnds || isCollected) revert WrongPhase();
        isCollected = true;
        uint32 value = winner == address(0) ? 0 : bids[winner].value;
        emit Collected(winner, value, closedDeposits);
        pay(seller, value * UNIT + closedDeposits);
    }

    /// @notice Pays the caller's deposit back, to the winner what is left of it.
    function withdraw() external {
        if (block.timestamp < openingEnds) revert WrongPhase();
        Bid storage own = bids[msg.sender];
        uint256 amount = own.isOpen ? own.deposit : 0;
        if (amount == 0) revert NothingToPay();
        if (msg.sender == winner) amount -= own.value * UNIT;
        own.deposit = 0;
        emit Withdrawn(msg.sender, amount);
        pay(payable(msg.sender), amount);
    }

    /// @notice The challenge of a proof: 128 bits of a hash of everything in it.
    function challengeOf(ElGamal memory sum, uint64 value, bytes32 a1, bytes32 a2) public view returns (uint128) {
        bytes memory statement =
            abi.encode("SealedBidAuction", block.chainid, address(this), publicKey, sum, value, a1, a2);
        return uint128(uint256(keccak256(statement)));
    }

    /// @dev Chaum and Pedersen: the seller knows x with publicKey = x·B and c2 - value·B = x·c1. With w drawn at random,
    /// a1 = w·B, a2 = w·c1 and z = w + challenge·x. Pairs of points count like ciphertexts.
    function holds(ElGamal memory sum, uint64 value, bytes32 a1, bytes32 a2, uint256 z) private view returns (bool) {
        ElGamal memory shared =
            HeCompute.subtract(sum, HeCompute.addPlain(ElGamal(NEUTRAL, NEUTRAL), value));
        ElGamal memory left = scaled(ElGamal(BASE, sum.c1), z);
        ElGamal memory right = scaled(ElGamal(publicKey, shared.c2), challengeOf(sum, value, a1, a2));
        return isSame(left, HeCompute.add(ElGamal(a1, a2), right));
    }

    /// @dev The precompile multiplies by 64 bits: four such digits, from the highest on.
    function scaled(ElGamal memory pair, uint256 factor) private view returns (ElGamal memory result) {
        for (uint256 shift = 256; shift > 0; shift -= 64) {
            uint64 digit = uint64(factor >> (shift - 64));
            // 2^64 itself is one more than a digit.
            result = HeCompute.multiplyPlain(HeCompute.multiplyPlain(result, 1 << 32), 1 << 32);
            result = HeCompute.add(result, HeCompute.multiplyPlain(pair, digit));
        }
    }

    /// @dev An element has one encoding, so that equal bytes are equal elements and nothing else is.
    function isSame(ElGamal memory a, ElGamal memory b) private pure returns (bool) {
        return a.c1 == b.c1 && a.c2 == b.c2;
    }

    function isNothing(ElGamal memory a) private pure returns (bool) {
        return a.c1 == NEUTRAL && a.c2 == NEUTRAL;
    }

    function pay(address payable to, uint256 amount) private {
        (bool success,) = to.call{value: amount}("");
        if (!success) revert PaymentFailed();
    }
}
