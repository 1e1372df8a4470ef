// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Token {
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 amount);

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// A pool with a constant product and a fee of 0.3 %.
contract Pool {
    Token immutable token0;
    Token immutable token1;
    uint256 reserve0;
    uint256 reserve1;

    event Swap(address indexed sender, uint256 paid, uint256 received, bool forward);

    constructor(Token first, Token second) {
        token0 = first;
        token1 = second;
    }

    function sync() public {
        reserve0 = token0.balanceOf(address(this));
        reserve1 = token1.balanceOf(address(this));
    }

    /// What was paid in is what the balance exceeds the reserve by.
    function swap(bool forward) external returns (uint256 received) {
        Token paying = forward ? token0 : token1;
        (uint256 reserveIn, uint256 reserveOut) = forward ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 paid = paying.balanceOf(address(this)) - reserveIn;
        require(paid > 0, "nothing paid");
        uint256 net = paid * 997;
        received = (net * reserveOut) / (reserveIn * 1000 + net);
        (forward ? token1 : token0).transfer(msg.sender, received);
        sync();
        require(reserve0 * reserve1 >= reserveIn * reserveOut, "product");
        emit Swap(msg.sender, paid, received, forward);
    }
}

/// Creates two tokens and a pool, and swaps back and forth: creations, calls and returned data.
contract Amm {
    function run() external returns (uint256 last) {
        Token a = new Token(1e27);
        Token b = new Token(1e27);
        Pool pool = new Pool(a, b);
        a.transfer(address(pool), 1e24);
        b.transfer(address(pool), 3e24);
        pool.sync();
        for (uint256 i = 1; i <= 60; i++) {
            bool forward = i % 3 != 0;
            (forward ? a : b).transfer(address(pool), i * 1e18);
            last = pool.swap(forward);
        }
    }
}
