// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Believes that ether comes in by `play` only.
contract Game {
    uint256 public paid;

    function play() external payable {
        require(msg.value == 1 ether, "one ether");
        paid += msg.value;
    }

    function check() external view {
        assert(address(this).balance == paid);
    }
}
