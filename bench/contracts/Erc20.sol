// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A token, and transfers among its holders.
contract Erc20 {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public totalSupply;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    function mint(address to, uint256 amount) internal {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) public returns (bool) {
        return move(msg.sender, to, amount);
    }

    function approve(address spender, uint256 amount) public returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) internal returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }

    function run() external returns (uint256) {
        mint(msg.sender, 1e24);
        approve(msg.sender, 1e24);
        for (uint256 i = 1; i <= 500; i++) {
            address to = address(uint160(0x1000 + (i % 50)));
            transfer(to, i * 1e15);
            transferFrom(msg.sender, to, i);
        }
        return balanceOf[msg.sender];
    }
}
