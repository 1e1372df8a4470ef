// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title STEALTH_ADDRESS: an address that only the recipient can find and spend from (ERC-5564, scheme 1)
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: spending public key (33 bytes), viewing public key (33), ephemeral secret key (32).
/// Output: address (20), ephemeral public key (33), view tag (1). Gas: 9000.
library StealthAddress {
    address internal constant PRECOMPILE = address(0xE10C);

    /// @param metaAddress spending and viewing public key, 66 bytes
    function generate(bytes memory metaAddress, bytes32 ephemeralKey) internal view returns (bytes memory payment) {
        if (metaAddress.length != 66) revert Extension.WrongLength(PRECOMPILE, "metaAddress", metaAddress.length);
        return Extension.run(PRECOMPILE, abi.encodePacked(metaAddress, ephemeralKey), 54);
    }
}
