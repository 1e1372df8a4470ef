/** A reverting ERC-20 transfer, compiled, and debuggers of it and of bare code in this process. */

import { onTestFinished } from 'vitest';
import { openTarget } from '../../src/cli/debug-open.ts';
import { Session } from '../../src/cli/debug-session.ts';
import { compile } from '../tracers/contracts.ts';
import type { Folder } from './support.ts';

const TOKEN_SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

contract Token {
  mapping(address => uint256) public balanceOf;
  event Transfer(address indexed from, address indexed to, uint256 value);
  error InsufficientBalance(address owner, uint256 balance, uint256 needed);

  function transfer(address to, uint256 value) external returns (bool) {
    uint256 balance = balanceOf[msg.sender];
    if (balance < value) revert InsufficientBalance(msg.sender, balance, value);
    balanceOf[msg.sender] = balance - value;
    balanceOf[to] += value;
    emit Transfer(msg.sender, to, value);
    return true;
  }
}

contract Shop {
  Token token;
  function buy(uint256 price) external { require(token.transfer(address(this), price), "unpaid"); }
}
`;

/** The line that reverts. */
export const REVERTING_LINE = 11;

const TOKEN = '0x00000000000000000000000000000000000000aa';
export const SHOP = '0x00000000000000000000000000000000000000bb';
/** `buy(5)`, by a shop that has nothing. */
const BUY = `0xd96a094a${'5'.padStart(64, '0')}`;

interface Compiled {
  readonly evm: { readonly deployedBytecode: { readonly object: string } };
}

/** Writes what `erbium debug` takes for the purchase, and gives its line. */
export function shopTarget(folder: Folder): { to: string; input: string; state: string; source: string } {
  const { input, output } = compile({ 'src/Token.sol': TOKEN_SOURCE });
  const { contracts } = JSON.parse(output) as { contracts: Record<string, Record<string, Compiled>> };
  const codeOf = (name: string): string =>
    `0x${contracts['src/Token.sol']![name]!.evm.deployedBytecode.object}`;
  const alloc = {
    [TOKEN]: { balance: '0', code: codeOf('Token') },
    [SHOP]: {
      balance: '0',
      code: codeOf('Shop'),
      storage: { '0x0': `0x${TOKEN.slice(2).padStart(64, '0')}` },
    },
  };
  return {
    to: SHOP,
    input: BUY,
    state: folder.write('alloc.json', { alloc }),
    source: folder.write('build-info.json', `{"input": ${input}, "output": ${output}}`),
  };
}

/** A session over what the command would open. */
export async function sessionOf(...target: Parameters<typeof openTarget>): Promise<Session> {
  const opened = await openTarget(...target);
  onTestFinished(() => opened.close());
  return new Session(opened);
}
