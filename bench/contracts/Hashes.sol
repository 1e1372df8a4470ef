// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Hashes of growing inputs, each seeding the next, and a Merkle root.
contract Hashes {
    function run() external pure returns (bytes32 root) {
        bytes32[] memory leaves = new bytes32[](1024);
        bytes32 seed = "seed";
        for (uint256 i = 0; i < leaves.length; i++) {
            seed = keccak256(abi.encodePacked(seed, i));
            leaves[i] = seed;
        }
        bytes memory long = new bytes(4096);
        for (uint256 i = 0; i < 32; i++) {
            long[i * 100] = bytes1(uint8(i + 1));
            leaves[i] ^= keccak256(long);
        }
        for (uint256 n = leaves.length; n > 1; n /= 2) {
            for (uint256 i = 0; i < n; i += 2) {
                leaves[i / 2] = keccak256(abi.encodePacked(leaves[i], leaves[i + 1]));
            }
        }
        return leaves[0];
    }
}
