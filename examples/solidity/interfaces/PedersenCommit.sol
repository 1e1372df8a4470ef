// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title PEDERSEN_COMMIT: value·B + blinding·B' on ristretto255
/// @notice Input: value (32 bytes) and blinding (32), little-endian and below the group's order.
/// Output: the commitment (32 bytes). Gas: 3000. On a chain value and blinding are public: it serves to check an opening.
library PedersenCommit {
    address internal constant PRECOMPILE = address(0xE109);

    /// @notice Fails where the blinding is not below the order.
    /// @param blinding little-endian
    function commit(uint64 value, bytes32 blinding) internal view returns (bytes32 commitment) {
        bytes memory input = abi.encodePacked(littleEndian(value), bytes24(0), blinding);
        return abi.decode(Extension.run(PRECOMPILE, input, 32), (bytes32));
    }

    /// @notice A number with its lowest byte first, as ristretto255 has them, and unlike the words of Ethereum.
    function littleEndian(uint64 number) internal pure returns (bytes8) {
        uint64 swapped = 0;
        for (uint256 i = 0; i < 8; i++) {
            swapped = (swapped << 8) | (number & 0xff);
            number >>= 8;
        }
        return bytes8(swapped);
    }
}
