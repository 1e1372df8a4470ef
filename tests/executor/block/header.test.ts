/** Headers and blocks as bytes: against mainnet's first blocks, and against @ethereumjs/block. */

import {
  createBlock,
  createBlockFromBytesArray,
  genTransactionsTrieRoot,
  genWithdrawalsTrieRoot,
} from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createTxFromRLP } from '@ethereumjs/tx';
import { createWithdrawal } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { blockSize, envelopesRoot, readBlock, withdrawalsRoot } from '../../../src/executor/block/block.ts';
import {
  type Block,
  encodeBlock,
  genesisHeader,
  type Header,
  hashHeader,
  isInvalidBlock,
  MAINNET,
} from '../../../src/executor/block/index.ts';
import { encodeTransaction } from '../../../src/executor/transaction.ts';
import { FORKS, type ForkName, rulesOf } from '../../../src/index.ts';
import { hexToBytes, toBytes32, toHex32 } from '../../../src/primitives/bytes.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../../../src/primitives/rlp.ts';
import { signed } from '../../helpers/transact.ts';
import { extend, startAt, template, transfer } from './support.ts';

const FIRST: Header = genesisHeader(
  rulesOf('Frontier'),
  hexToBytes('0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544'),
  {
    difficulty: 17_179_869_184n,
    gasLimit: 5_000n,
    nonce: 0x42n,
    extraData: hexToBytes('0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa'),
  },
);

const SECOND: Header = {
  ...FIRST,
  parentHash: 0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3n,
  coinbase: 0x05a56e2d52c817161883f50c441c3228cfe54d9fn,
  stateRoot: 0xd67e4d450343046425ae4271474353857ab860dbc0a1dde64b41b5cd3a532bf3n,
  difficulty: 17_171_480_576n,
  number: 1n,
  timestamp: 1_438_269_988n,
  extraData: hexToBytes('0x476574682f76312e302e302f6c696e75782f676f312e342e32'),
  mixHash: 0x969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59n,
  nonce: 0x539bd4979fef1ec4n,
};

describe('hashHeader', () => {
  it('of the first blocks of mainnet', () => {
    expect(toHex32(hashHeader(FIRST))).toBe(
      '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
    );
    expect(toHex32(hashHeader(SECOND))).toBe(
      '0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6',
    );
  });

  it.each<[ForkName, Hardfork]>([
    ['Frontier', Hardfork.Chainstart],
    ['London', Hardfork.London],
    ['Paris', Hardfork.Paris],
    ['Shanghai', Hardfork.Shanghai],
    ['Cancun', Hardfork.Cancun],
    ['Prague', Hardfork.Prague],
  ])('in %s is that of @ethereumjs/block, of the same bytes', (fork, hardfork) => {
    const made = startAt(fork);
    const withdrawals = [{ index: 1n, validatorIndex: 2n, address: 3n, amount: 4n }];
    const { block } = extend(made, made.genesis, template({ transactions: [transfer(0n)], withdrawals }));
    const common = new Common({ chain: Mainnet, hardfork });
    const bytes = encodeBlock(block);
    const parts = decodeRlp(bytes) as never;
    const theirs = createBlockFromBytesArray(parts, { common, skipConsensusFormatValidation: true });
    expect(theirs.hash()).toEqual(toBytes32(hashHeader(block.header)));
    expect(theirs.serialize()).toEqual(bytes);
  });
});

describe('decodeBlock', () => {
  it.each(FORKS)('gives back what was encoded in %s', (fork) => {
    const made = startAt(fork);
    const rules = rulesOf(fork);
    const typed = rules.txTypes.includes(2)
      ? [encodeTransaction(signed({ nonce: 1n, maxFeePerGas: 10n ** 10n }))]
      : [];
    const { block } = extend(
      made,
      made.genesis,
      template({
        transactions: [transfer(0n), ...typed],
        withdrawals: [{ index: 0n, validatorIndex: 7n, address: 9n, amount: 1n }],
      }),
    );
    const bytes = encodeBlock(block);
    expect(made.chain.decodeBlock(bytes)).toEqual(block);
    expect(blockSize(block)).toBe(bytes.length);
  });

  const { chain, genesis, state } = startAt('Osaka');
  const built = chain.buildBlock(state, genesis, template({ transactions: [transfer(0n)] }));
  if (isInvalidBlock(built)) throw new Error(built.detail);
  const { block } = built;

  /** The parts of the block, spoilt. */
  const spoilt = (change: (parts: RlpItem[], header: RlpItem[]) => void): Uint8Array => {
    const parts = [...(decodeRlp(encodeBlock(block)) as RlpItem[])];
    const header = [...(parts[0] as RlpItem[])];
    change(parts, header);
    // Where the change replaced the header it stays replaced.
    if (!(parts[0] instanceof Uint8Array)) parts[0] = header;
    return encodeRlp(parts);
  };

  it.each<[string, Uint8Array]>([
    ['RLP_STRUCTURES_ENCODING', new Uint8Array(0)],
    ['RLP_STRUCTURES_ENCODING', Uint8Array.of(0x80)],
    ['RLP_STRUCTURES_ENCODING', encodeBlock(block).subarray(0, -1)],
    ['RLP_STRUCTURES_ENCODING', Uint8Array.from([...encodeBlock(block), 0])],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[0] = new Uint8Array(3);
      }),
    ],
    ['INCORRECT_BLOCK_FORMAT', spoilt((_, header) => header.splice(5))],
    ['INCORRECT_BLOCK_FORMAT', spoilt((_, header) => header.pop())],
    ['INCORRECT_BLOCK_FORMAT', spoilt((_, header) => header.push(new Uint8Array(32)))],
    ['INCORRECT_BLOCK_FORMAT', spoilt((parts) => parts.pop())],
    ['INCORRECT_BLOCK_FORMAT', spoilt((parts) => parts.push([]))],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((_, header) => {
        header[0] = new Uint8Array(31);
      }),
    ],
    [
      'RLP_INVALID_ADDRESS',
      spoilt((_, header) => {
        header[2] = new Uint8Array(21);
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((_, header) => {
        header[9] = Uint8Array.of(0, 1);
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((_, header) => {
        header[9] = [];
      }),
    ],
    [
      'RLP_INVALID_FIELD_OVERFLOW_64',
      spoilt((_, header) => {
        header[9] = new Uint8Array(9).fill(1);
      }),
    ],
    [
      'RLP_INVALID_FIELD_OVERFLOW_64',
      spoilt((_, header) => {
        header[8] = new Uint8Array(9).fill(1);
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((_, header) => {
        header[15] = new Uint8Array(33).fill(1);
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[1] = new Uint8Array(1);
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[1] = [new Uint8Array(0)];
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[1] = [Uint8Array.of(0xc0, 1)];
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[2] = [new Uint8Array(1)];
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[3] = [[]];
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[3] = [[[], [], [], []]];
      }),
    ],
    [
      'RLP_STRUCTURES_ENCODING',
      spoilt((parts) => {
        parts[3] = [[Uint8Array.of(0), ...rest(20)]];
      }),
    ],
    [
      'RLP_INVALID_FIELD_OVERFLOW_64',
      spoilt((parts) => {
        parts[3] = [[new Uint8Array(9).fill(1), ...rest(20)]];
      }),
    ],
    [
      'RLP_INVALID_ADDRESS',
      spoilt((parts) => {
        parts[3] = [[Uint8Array.of(1), ...rest(19)]];
      }),
    ],
  ])('says %s', (reason, bytes) => {
    expect(chain.decodeBlock(bytes)).toMatchObject({ invalid: reason, transaction: null });
  });

  it('takes the fields from the rules of the number and time', () => {
    expect(readBlock(encodeBlock({ ...block, header: SECOND, withdrawals: null }), MAINNET)).toMatchObject({
      header: SECOND,
    });
    const wrong: Block = { ...block, header: { ...SECOND, timestamp: 1_700_000_000n, number: 18_500_000n } };
    expect(readBlock(encodeBlock(wrong), MAINNET)).toMatchObject({ invalid: 'INCORRECT_BLOCK_FORMAT' });
  });
});

const rest = (addressBytes: number): Uint8Array[] => [
  Uint8Array.of(2),
  new Uint8Array(addressBytes).fill(1),
  Uint8Array.of(3),
];

describe('roots', () => {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });

  it.each([0, 1, 2, 127, 128, 129, 300])('of %i transactions and withdrawals', async (count) => {
    const transactions = Array.from({ length: count }, (_, i) => transfer(BigInt(i)));
    const theirs = await genTransactionsTrieRoot(
      transactions.map((bytes) => createTxFromRLP(bytes, { common })),
    );
    expect(toBytes32(envelopesRoot(transactions))).toEqual(theirs);
    const withdrawals = transactions.map((_, i) => ({
      index: BigInt(i),
      validatorIndex: BigInt(2 * i),
      address: BigInt(i + 1),
      amount: BigInt(i * i),
    }));
    const ours = toBytes32(withdrawalsRoot(withdrawals));
    const own = withdrawals.map(({ address, ...rest }) =>
      createWithdrawal({ ...rest, address: toBytes32(address).slice(12) }),
    );
    expect(ours).toEqual(await genWithdrawalsTrieRoot(own));
  });

  it('of a block that @ethereumjs/block makes', () => {
    const theirs = createBlock(
      { header: { number: 5n, gasLimit: 30_000_000n } },
      { common, skipConsensusFormatValidation: true },
    );
    const read = readBlock(theirs.serialize(), () => rulesOf('Prague'));
    if (isInvalidBlock(read)) throw new Error(read.detail);
    expect(toBytes32(hashHeader(read.header))).toEqual(theirs.hash());
  });
});
