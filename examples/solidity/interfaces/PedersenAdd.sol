// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title PEDERSEN_ADD: the sum of two commitments on ristretto255
/// @notice Input: two points (32 bytes each). Output: their sum (32 bytes), which commits to the sum of the values
/// under the sum of the blindings, modulo the group's order. Gas: 1000.
library PedersenAdd {
    address internal constant PRECOMPILE = address(0xE10A);

    /// @notice Fails where one is no encoding of a point.
    function add(bytes32 a, bytes32 b) internal view returns (bytes32 sum) {
        return abi.decode(Extension.run(PRECOMPILE, abi.encodePacked(a, b), 32), (bytes32));
    }
}
