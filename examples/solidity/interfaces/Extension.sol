// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title How a contract calls an extension of Erbium
/// @notice A call to an address without code succeeds with empty output. No extension ever answers with nothing, so
/// that empty output means that the chain does not have the extension.
library Extension {
    /// The chain does not have this precompile.
    error ExtensionNotActive(address precompile);
    /// The precompile refused its input, or the call ran out of gas: a failed precompile keeps all gas it was given.
    error ExtensionFailed(address precompile);
    /// Something else answers at this address: its output has another length.
    error UnexpectedOutput(address precompile, uint256 length);
    /// An argument has another length than the precompile takes, so that one part would be read as another.
    error WrongLength(address precompile, string argument, uint256 length);

    /// @notice Calls a precompile that answers with `length` bytes.
    function run(address precompile, bytes memory input, uint256 length) internal view returns (bytes memory output) {
        bool success;
        (success, output) = precompile.staticcall(input);
        if (!success) revert ExtensionFailed(precompile);
        if (output.length == 0) revert ExtensionNotActive(precompile);
        if (output.length != length) revert UnexpectedOutput(precompile, output.length);
    }

    /// @notice Calls a precompile that answers with 1 or 0 in 32 bytes, 0 also for malformed input.
    function verdict(address precompile, bytes memory input) internal view returns (bool) {
        return abi.decode(run(precompile, input, 32), (uint256)) == 1;
    }
}
