// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// Its slot 0 is the first variable of whatever it delegates to.
contract Settings {
    address public feeReceiver; // slot 0 of the proxy: the implementation
    uint256 public fee;

    function setFee(address receiver, uint256 amount) external {
        require(amount <= 500, "too much");
        feeReceiver = receiver;
        fee = amount;
    }
}

contract Proxy {
    address implementation;

    constructor() {
        implementation = address(new Settings());
    }

    fallback() external payable {
        address to = implementation;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}
