// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Four numbers that nobody guesses, one behind the other.
contract Vault {
    uint256 public opened;

    function open(uint256 a, bytes32 b, address c, uint64 d) external {
        if (a == 0x3f8a1c5e9b7d2460_a1b2c3d4e5f60718) {
            if (b == keccak256("open sesame")) {
                if (c == 0x1234567890AbcdEF1234567890aBcdef12345678) {
                    if (uint256(d) * 7 + 3 == 7 * 0xdeadbeefcafe + 3) {
                        assert(opened != 0);
                    }
                }
            }
        }
    }
}
