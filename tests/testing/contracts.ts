/** A token and a vault, compiled by solc from the source below, and their ABIs as `as const` for the types. */

import solc from 'solc';
import type { Hex } from '../../src/primitives/bytes.ts';

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

contract Token {
  error InsufficientBalance(address holder, uint256 available, uint256 needed);
  error Silent();
  event Transfer(address indexed from, address indexed to, uint256 value);
  event Noted(string indexed topic, address[] who, bytes20 tag);

  address public immutable owner;
  uint8 public constant decimals = 18;
  uint256 public totalSupply;
  mapping(address => uint256) public balanceOf;

  constructor(uint256 supply) {
    require(supply > 0, "no supply");
    owner = msg.sender;
    mint(msg.sender, supply);
  }

  function mint(address to, uint256 value) public {
    require(msg.sender == owner, "not the owner");
    totalSupply += value;
    balanceOf[to] += value;
    emit Transfer(address(0), to, value);
  }

  function transfer(address to, uint256 value) external returns (bool) {
    uint256 available = balanceOf[msg.sender];
    if (available < value) revert InsufficientBalance(msg.sender, available, value);
    unchecked { balanceOf[msg.sender] = available - value; }
    balanceOf[to] += value;
    emit Transfer(msg.sender, to, value);
    return true;
  }

  function note(string calldata topic, address[] calldata who) external { emit Noted(topic, who, bytes20(msg.sender)); }

  function over(uint256 value) external pure returns (uint256) { return value; }
  function over(string calldata text) external pure returns (string memory) { return text; }
  function both() external view returns (address sender, uint256 time) { return (tx.origin, block.timestamp); }
  function hash(uint256 number) external view returns (bytes32) { return blockhash(number); }

  function fail(uint256 how) external {
    if (how == 0) revert();
    if (how == 1) revert("because");
    if (how == 2) revert Silent();
    if (how == 3) assert(false);
    if (how == 4) while (true) totalSupply++;
    if (how == 5) assembly { invalid() }
    if (how == 6) assembly { mstore(0, shl(224, 0x12345678)) revert(0, 4) }
    if (how == 7) assembly { let size := codesize() mstore(0, 0) log0(0, 0) return(0, size) }
  }
}

interface Unknown { function ping() external returns (uint256); function poke() external; }

contract Vault {
  Token public immutable token;
  mapping(address => uint256) public deposits;
  constructor(Token t) payable { token = t; }
  receive() external payable { deposits[msg.sender] += msg.value; }
  function deposit() external payable { deposits[msg.sender] += msg.value; }
  function pay(address to, uint256 value) external { token.transfer(to, value); }
  function ping(Unknown to) external returns (uint256) { return to.ping(); }
  function poke(Unknown to) external { to.poke(); }
  function burn(uint256 gas_) external { token.fail{gas: gas_}(4); }
  function shrug() external { try token.fail(1) {} catch {} revert("my own"); }
}
`;

interface Compiled {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: { readonly 'a.sol': Readonly<Record<string, Output>> };
}

interface Output {
  readonly abi: readonly unknown[];
  readonly evm: { readonly bytecode: { readonly object: string } };
}

function compile(): Readonly<Record<string, Output>> {
  const input = {
    language: 'Solidity',
    sources: { 'a.sol': { content: SOURCE } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'shanghai',
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  };
  const { errors = [], contracts }: Compiled = JSON.parse(solc.compile(JSON.stringify(input)));
  const fatal = errors.find(({ severity }) => severity === 'error');
  if (fatal !== undefined) throw new Error(fatal.formattedMessage);
  return contracts['a.sol'];
}

const compiled = compile();

/** What the compiler says, without types. */
export const COMPILED_ABI = compiled.Token!.abi;

export const BYTECODE: Hex = `0x${compiled.Token!.evm.bytecode.object}`;
export const VAULT_BYTECODE: Hex = `0x${compiled.Vault!.evm.bytecode.object}`;

const uint = (name: string) => ({ name, type: 'uint256' }) as const;
const address = (name: string) => ({ name, type: 'address' }) as const;
const getter = <const name extends string, const type extends string>(name: name, type: type) =>
  ({ type: 'function', name, stateMutability: 'view', inputs: [], outputs: [{ name: '', type }] }) as const;

export const ABI = [
  { type: 'constructor', stateMutability: 'nonpayable', inputs: [uint('supply')] },
  {
    type: 'error',
    name: 'InsufficientBalance',
    inputs: [address('holder'), uint('available'), uint('needed')],
  },
  { type: 'error', name: 'Silent', inputs: [] },
  {
    type: 'event',
    name: 'Transfer',
    inputs: [
      { name: 'from', type: 'address', indexed: true },
      { name: 'to', type: 'address', indexed: true },
      { name: 'value', type: 'uint256', indexed: false },
    ],
  },
  {
    type: 'event',
    name: 'Noted',
    inputs: [
      { name: 'topic', type: 'string', indexed: true },
      { name: 'who', type: 'address[]', indexed: false },
      { name: 'tag', type: 'bytes20', indexed: false },
    ],
  },
  getter('owner', 'address'),
  getter('decimals', 'uint8'),
  getter('totalSupply', 'uint256'),
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [address('')],
    outputs: [uint('')],
  },
  {
    type: 'function',
    name: 'mint',
    stateMutability: 'nonpayable',
    inputs: [address('to'), uint('value')],
    outputs: [],
  },
  {
    type: 'function',
    name: 'transfer',
    stateMutability: 'nonpayable',
    inputs: [address('to'), uint('value')],
    outputs: [{ name: '', type: 'bool' }],
  },
  {
    type: 'function',
    name: 'note',
    stateMutability: 'nonpayable',
    inputs: [
      { name: 'topic', type: 'string' },
      { name: 'who', type: 'address[]' },
    ],
    outputs: [],
  },
  {
    type: 'function',
    name: 'over',
    stateMutability: 'pure',
    inputs: [uint('value')],
    outputs: [uint('')],
  },
  {
    type: 'function',
    name: 'over',
    stateMutability: 'pure',
    inputs: [{ name: 'text', type: 'string' }],
    outputs: [{ name: '', type: 'string' }],
  },
  {
    type: 'function',
    name: 'both',
    stateMutability: 'view',
    inputs: [],
    outputs: [address('sender'), uint('time')],
  },
  {
    type: 'function',
    name: 'hash',
    stateMutability: 'view',
    inputs: [uint('number')],
    outputs: [{ name: '', type: 'bytes32' }],
  },
  {
    type: 'function',
    name: 'fail',
    stateMutability: 'nonpayable',
    inputs: [uint('how')],
    outputs: [],
  },
] as const;

export const VAULT_ABI = [
  { type: 'constructor', stateMutability: 'payable', inputs: [address('t')] },
  { type: 'receive', stateMutability: 'payable' },
  {
    type: 'function',
    name: 'deposits',
    stateMutability: 'view',
    inputs: [address('')],
    outputs: [uint('')],
  },
  { type: 'function', name: 'deposit', stateMutability: 'payable', inputs: [], outputs: [] },
  {
    type: 'function',
    name: 'pay',
    stateMutability: 'nonpayable',
    inputs: [address('to'), uint('value')],
    outputs: [],
  },
  {
    type: 'function',
    name: 'ping',
    stateMutability: 'nonpayable',
    inputs: [address('to')],
    outputs: [uint('')],
  },
  { type: 'function', name: 'poke', stateMutability: 'nonpayable', inputs: [address('to')], outputs: [] },
  { type: 'function', name: 'burn', stateMutability: 'nonpayable', inputs: [uint('gas_')], outputs: [] },
  { type: 'function', name: 'shrug', stateMutability: 'nonpayable', inputs: [], outputs: [] },
] as const;
