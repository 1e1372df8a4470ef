// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Anybody may become its owner.
contract Wallet {
    address public owner;

    constructor() {
        owner = msg.sender;
    }

    function setOwner(address next) external {
        require(next != address(0), "no owner");
        owner = next;
    }

    function close(address payable to) external {
        require(msg.sender == owner, "not the owner");
        selfdestruct(to);
    }
}

/// Only the owner may.
contract SafeWallet {
    address public owner;

    constructor() {
        owner = msg.sender;
    }

    function setOwner(address next) external {
        require(msg.sender == owner, "not the owner");
        require(next != address(0), "no owner");
        owner = next;
    }

    function close(address payable to) external {
        require(msg.sender == owner, "not the owner");
        selfdestruct(to);
    }
}
