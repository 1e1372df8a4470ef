// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Extension} from "./Extension.sol";

/// @title STEALTH_SCAN: whether a stealth payment is to the owner of a viewing key (ERC-5564, scheme 1)
/// @notice For local simulation only: calldata is public, so on a chain it always fails.
/// Input: viewing secret key (32 bytes), spending public key (33), ephemeral public key (33), view tag (1), address
/// (20). Output: 1 or 0. Gas: 7000.
library StealthScan {
    address internal constant PRECOMPILE = address(0xE10D);

    function isMine(
        bytes32 viewKey,
        bytes memory spendPublicKey,
        bytes memory ephemeralPublicKey,
        bytes1 viewTag,
        address stealthAddress
    ) internal view returns (bool) {
        if (spendPublicKey.length != 33) {
            revert Extension.WrongLength(PRECOMPILE, "spendPublicKey", spendPublicKey.length);
        }
        if (ephemeralPublicKey.length != 33) {
            revert Extension.WrongLength(PRECOMPILE, "ephemeralPublicKey", ephemeralPublicKey.length);
        }
        bytes memory input = abi.encodePacked(viewKey, spendPublicKey, ephemeralPublicKey, viewTag, stealthAddress);
        return Extension.verdict(PRECOMPILE, input);
    }
}
