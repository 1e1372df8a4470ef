// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Slots set, changed, read, cleared and set again.
contract Storage {
    mapping(uint256 => uint256) table;
    uint256[] list;
    uint256 sum;

    function run() external returns (uint256) {
        for (uint256 i = 0; i < 300; i++) {
            table[i] = i * i + 1;
            list.push(i);
        }
        for (uint256 round = 0; round < 4; round++) {
            for (uint256 i = 0; i < 300; i++) {
                sum += table[i];
                table[i] = sum % 5 == 0 ? 0 : table[i] + round;
            }
        }
        while (list.length > 10) list.pop();
        return sum;
    }
}
