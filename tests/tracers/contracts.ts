/** Contracts that do all that tracers show, compiled by solc from the source below. */

import solc from 'solc';
import type { Hex } from '../../src/primitives/bytes.ts';

/** Their source. */
export const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

contract Child {
  uint256 public x;
  event Made(uint256 indexed value, address by);

  constructor(uint256 value) payable {
    require(value != 13, "unlucky");
    x = value;
    emit Made(value, msg.sender);
  }

  function set(uint256 value) external payable { x = value; }
  function fail() external pure { revert("child says no"); }
  function panic(uint256 by) external pure returns (uint256) { return 1 / by; }
  function quiet() external pure { revert(); }
  function broken() external pure { assembly { invalid() } }
  function loop() external { for (;;) { x++; } }
  function badJump() external pure { assembly { mstore(0, 1) return(0, 0xffffffffffffffff) } }
  function die(address payable to) external { selfdestruct(to); }
  receive() external payable {}
}

contract Play {
  mapping(uint256 => uint256) public slots;
  Child public child;
  uint256 public last;
  event Step(uint256 indexed depth, bytes data);

  constructor() payable {
    child = new Child{value: 5}(7);
    slots[1] = 11;
    slots[2] = 22;
  }

  function nested(uint256 depth) external returns (uint256) {
    emit Step(depth, abi.encode(depth, gasleft() > 0));
    slots[depth] = depth + 1;
    if (depth == 0) return child.x();
    uint256 result = this.nested(depth - 1);
    if (depth == 2) emit Step(99, "");
    return result + slots[depth];
  }

  function refuse() external { slots[5] = 1; child.fail(); }

  function caught() external returns (uint256 failures) {
    try child.fail() {} catch { failures++; }
    try child.panic(0) returns (uint256) {} catch { failures++; }
    try child.quiet() {} catch { failures++; }
    try child.broken{gas: 50000}() {} catch { failures++; }
    try child.loop{gas: 12000}() {} catch { failures++; }
    try child.badJump{gas: 50000}() {} catch { failures++; }
    try child.set{value: 1 ether}(1) {} catch { failures++; }
    try this.inner() {} catch { failures++; }
    last = failures;
  }

  function inner() external { emit Step(1, "lost"); slots[9] = 9; child.set{value: 1}(3); child.fail(); }

  function creates() external payable returns (address a, address b) {
    Child first = new Child{value: 1}(1);
    Child second = new Child{salt: bytes32(uint256(1)), value: 2}(2);
    try new Child(13) returns (Child) {} catch {}
    (a, b) = (address(first), address(second));
    child = second;
    first.set{value: 3}(4);
  }

  function destroys(address payable heir) external payable {
    Child fresh = new Child{value: msg.value}(3);
    fresh.die(heir);
    child.die(payable(address(fresh)));
  }

  function precompiles() external view returns (bytes32 all) {
    address signer = ecrecover(bytes32(uint256(1)), 27, bytes32(uint256(2)), bytes32(uint256(3)));
    all = keccak256(abi.encode(signer, sha256("abc"), ripemd160("abc")));
    (bool ok, bytes memory out) = address(4).staticcall("identity");
    (bool bad, ) = address(8).staticcall{gas: 100000}("not a multiple of 192");
    (bool short, ) = address(9).staticcall{gas: 100000}("");
    (bool none, ) = address(2).staticcall{gas: 10}("out of gas");
    all = keccak256(abi.encode(all, ok, out, bad, short, none));
  }

  function delegates() external payable returns (uint256) {
    (bool ok, ) = address(child).delegatecall(abi.encodeCall(Child.set, (42)));
    address target = address(child);
    bytes memory data = abi.encodeCall(Child.set, (43));
    assembly { ok := and(ok, callcode(gas(), target, 1, add(data, 32), mload(data), 0, 0)) }
    (bool sent, ) = payable(address(0xdead)).call{value: 1}("");
    require(ok && sent);
    return address(0xbeef).balance + target.code.length + uint256(target.codehash);
  }

  function clears() external { slots[1] = 0; slots[2] = 23; last = slots[3]; }
}
`;

interface Output {
  readonly abi: readonly object[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly methodIdentifiers: Readonly<Record<string, string>>;
  };
}

/** Compiles sources by file, and gives input and output as JSON texts. */
export function compile(
  sources: Readonly<Record<string, string>>,
  optimizer = false,
): { input: string; output: string } {
  const input = JSON.stringify({
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: optimizer },
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers'] },
      },
    },
  });
  const output = solc.compile(input) as string;
  const { errors = [] } = JSON.parse(output) as { errors?: { severity: string; formattedMessage: string }[] };
  const failed = errors.filter(({ severity }) => severity === 'error');
  if (failed.length > 0) throw new Error(failed.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return { input, output };
}

const { output } = compile({ 'Play.sol': SOURCE });
const { contracts } = JSON.parse(output) as { contracts: Record<string, Record<string, Output>> };

/** Init code of `Play`. */
export const PLAY: Hex = `0x${contracts['Play.sol']!.Play!.evm.bytecode.object}`;

/** Calldata of a function of `Play`, with arguments of a word each. */
export function playData(name: string, ...args: readonly bigint[]): Hex {
  const { methodIdentifiers } = contracts['Play.sol']!.Play!.evm;
  const [, selector] = Object.entries(methodIdentifiers).find(([signature]) =>
    signature.startsWith(`${name}(`),
  )!;
  return `0x${selector}${args.map((arg) => arg.toString(16).padStart(64, '0')).join('')}`;
}
