// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

contract Average {
    uint256 public last;

    function average(uint256 a, uint256 b) external returns (uint256) {
        last = (a & b) + (a ^ b) / 2;
        return last;
    }
}

/// Optimised, and wrong where the sum passes 2^256.
contract FastAverage {
    uint256 public last;

    function average(uint256 a, uint256 b) external returns (uint256) {
        unchecked {
            last = (a + b) >> 1;
        }
        return last;
    }
}
