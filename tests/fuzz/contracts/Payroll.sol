// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Anybody decides how long the loop runs.
contract Payroll {
    uint256 public people;
    uint256 public sum;

    function register(uint256 count) external {
        require(count < 5_000, "too many");
        if (count > people) people = count;
    }

    function pay() external {
        uint256 total;
        for (uint256 i = 0; i < people; i++) total += i * i;
        sum = total;
    }
}
