/** Cases written by hand, with all that a fixture can hold. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { type Authorization, authorizationHash, TxType } from '../../src/executor/transaction.ts';
import type { CaseAccount, CaseBlock, FuzzCase } from '../../src/fuzz/case.ts';
import { EMPTY_BYTES, toBytes32 } from '../../src/primitives/bytes.ts';
import { code, deploys, push, storeTop } from '../helpers/assembler.ts';

export const SECRET_KEY: Uint8Array = toBytes32(0x45a9_15e4_d060_149en);
export const SENDER = nobleCrypto.secretToAddress(SECRET_KEY);
export const CONTRACT = 0xc0den;
const AUTHORITY_KEY: Uint8Array = toBytes32(0xa17n);

export const BLOCK: CaseBlock = {
  number: 7n,
  timestamp: 1_000n,
  coinbase: 0xc011_0000n,
  gasLimit: 30_000_000n,
  difficulty: 0x20000n,
  prevRandao: 0x1234n << 200n,
  baseFee: 7n,
  excessBlobGas: 0x4_0000n,
};

export const account = (parts: Partial<CaseAccount> = {}): CaseAccount => ({
  nonce: 0n,
  balance: 0n,
  code: EMPTY_BYTES,
  storage: new Map(),
  ...parts,
});

export const LEGACY: FuzzCase['tx'] = {
  type: TxType.Legacy,
  chainId: 1n,
  nonce: 3n,
  gasLimit: 200_000n,
  maxPriorityFeePerGas: 10n,
  maxFeePerGas: 10n,
  to: CONTRACT,
  value: 5n,
  data: Uint8Array.of(1, 0, 2),
  accessList: [],
  maxFeePerBlobGas: 0n,
  blobHashes: [],
  authorizations: [],
};

/** Stores the difficulty or random number, and what the slot of the caller held; logs nine bytes. */
const PROGRAM = code(
  ['DIFFICULTY', storeTop(0)],
  ['CALLER', 'SLOAD', storeTop(1)],
  ['TIMESTAMP', push(9), push(2), 'LOG1'],
);

export const caseWith = (
  parts: Partial<Omit<FuzzCase, 'tx'>> & { tx?: Partial<FuzzCase['tx']> } = {},
): FuzzCase => ({
  fork: 'Prague',
  block: BLOCK,
  pre: new Map([
    [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
    [
      CONTRACT,
      account({
        nonce: 1n,
        balance: 2n,
        code: PROGRAM,
        storage: new Map([
          [SENDER, 77n],
          [2n ** 255n, 2n ** 256n - 1n],
        ]),
      }),
    ],
  ]),
  secretKey: SECRET_KEY,
  sender: SENDER,
  ...parts,
  tx: { ...LEGACY, ...parts.tx },
});

export function authorize(address: bigint, nonce = 0n, chainId = 1n): Authorization {
  const { yParity, r, s } = nobleCrypto.sign(authorizationHash({ chainId, address, nonce }), AUTHORITY_KEY);
  return { chainId, address, nonce, yParity: BigInt(yParity), r, s };
}

const FEES = { maxPriorityFeePerGas: 2n, maxFeePerGas: 100n };
const ACCESS = [
  { address: CONTRACT, storageKeys: [SENDER, 5n] },
  { address: 0x99n, storageKeys: [] },
];

/** A case of every kind, by name. */
export const HAND_CASES: ReadonlyMap<string, FuzzCase> = new Map([
  ['legacy', caseWith()],
  ['legacy without a chain', caseWith({ tx: { chainId: null } })],
  ['of Frontier', caseWith({ fork: 'Frontier', tx: { chainId: null } })],
  ['of EIP-150', caseWith({ fork: 'TangerineWhistle', tx: { chainId: null } })],
  ['of EIP-158', caseWith({ fork: 'SpuriousDragon' })],
  ['of Petersburg', caseWith({ fork: 'Petersburg' })],
  ['of London', caseWith({ fork: 'London', tx: { type: TxType.FeeMarket, ...FEES } })],
  ['of BPO2', caseWith({ fork: 'BPO2' })],
  ['creation', caseWith({ tx: { to: null, data: deploys(PROGRAM) } })],
  ['access list', caseWith({ tx: { type: TxType.AccessList, accessList: ACCESS } })],
  ['empty access list', caseWith({ fork: 'Berlin', tx: { type: TxType.AccessList } })],
  ['fee market', caseWith({ tx: { type: TxType.FeeMarket, ...FEES, accessList: ACCESS } })],
  [
    'blobs',
    caseWith({
      fork: 'Cancun',
      tx: { type: TxType.Blob, ...FEES, maxFeePerBlobGas: 9n, blobHashes: [(1n << 248n) + 5n, 1n << 248n] },
    }),
  ],
  [
    'authorizations',
    caseWith({
      tx: { type: TxType.SetCode, ...FEES, authorizations: [authorize(CONTRACT), authorize(0n, 1n, 0n)] },
    }),
  ],
  [
    'unsigned authorization',
    caseWith({ tx: { type: TxType.SetCode, ...FEES, authorizations: [{ ...authorize(CONTRACT), r: 0n }] } }),
  ],
  ['rejected for its nonce', caseWith({ tx: { nonce: 4n } })],
  [
    'rejected for its type',
    caseWith({ fork: 'Shanghai', tx: { type: TxType.Blob, ...FEES, blobHashes: [1n << 248n] } }),
  ],
  ['rejected for its gas', caseWith({ tx: { gasLimit: 20_000n } })],
  ['rejected for no authorizations', caseWith({ tx: { type: TxType.SetCode, ...FEES } })],
]);
