// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title POSEIDON: the hash of circuits over BN254, with the parameters of circomlib
/// @notice Input: 1 to 16 numbers below the order of BN254 (32 bytes each). Output: the hash (32).
/// Gas: 500 + 15 t^2, where t is one more than the number of inputs.
library Poseidon {
    address internal constant PRECOMPILE = address(0xE111);

    /// @notice Fails for no number, more than 16, and one that is not below the order.
    function hash(uint256[] memory inputs) internal view returns (uint256) {
        return abi.decode(Extension.run(PRECOMPILE, abi.encodePacked(inputs), 32), (uint256));
    }

    /// @notice The hash of two numbers, as Merkle trees have it.
    function hash(uint256 left, uint256 right) internal view returns (uint256) {
        return abi.decode(Extension.run(PRECOMPILE, abi.encodePacked(left, right), 32), (uint256));
    }
}
