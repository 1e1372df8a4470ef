// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Mints at most `CAP` tokens, and adds up what it minted without a check.
contract Token {
    uint256 public minted; // slot 0
    uint256 public largest; // slot 1
    uint256 constant CAP = 1_000_000;

    function mint(uint256 amount) external {
        assembly {
            let total := add(sload(0), amount)
            if gt(total, 1000000) { revert(0, 0) }
            sstore(0, total)
            if gt(amount, sload(1)) { sstore(1, amount) }
        }
    }
}

/// The same, checked.
contract SafeToken {
    uint256 public minted; // slot 0
    uint256 public largest; // slot 1

    function mint(uint256 amount) external {
        assembly {
            let total := add(sload(0), amount)
            if or(gt(total, 1000000), lt(total, amount)) { revert(0, 0) }
            sstore(0, total)
            if gt(amount, sload(1)) { sstore(1, amount) }
        }
    }
}
