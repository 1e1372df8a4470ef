/** examples/solidity/StealthRegistry.sol: ether to an address that only its recipient finds and spends from. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { stealthAddress } from '../../precompiles/ext/e10c-stealth-address.ts';
import { stealthScan } from '../../precompiles/ext/e10d-stealth-scan.ts';
import { stealthPrivateKey } from '../../precompiles/ext/lib/stealth.ts';
import {
  bytesToHex,
  type Evm,
  type Hex,
  hexToBytes,
  keccak256,
  secretToAddress,
  signTransaction,
} from '../../src/index.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import {
  ALICE,
  at,
  BOB,
  CAROL,
  type Contract,
  chain,
  compile,
  type Deployed,
  deploy,
  ETHER,
  flipped,
  locally,
  MALLORY,
  outcome,
  seedOf,
} from './solidity-support.ts';

const ROWS = [stealthAddress, stealthScan];

/** A recipient with the two keys of scheme 1. */
class Recipient {
  readonly spendKey: Uint8Array;
  readonly viewKey: Uint8Array;
  readonly spendPublicKey: Uint8Array;
  readonly metaAddress: Uint8Array;

  constructor(label: string) {
    this.spendKey = seedOf(`${label} spends`);
    this.viewKey = seedOf(`${label} views`);
    this.spendPublicKey = secp256k1.getPublicKey(this.spendKey, true);
    this.metaAddress = concatBytes(this.spendPublicKey, secp256k1.getPublicKey(this.viewKey, true));
  }

  /** Whether an announcement is of a payment to them, as they find out on their own machine. */
  scans(ephemeralPublicKey: Uint8Array, viewTag: number, address: Uint8Array): boolean {
    const input = [this.viewKey, this.spendPublicKey, ephemeralPublicKey, Uint8Array.of(viewTag), address];
    return locally(ROWS, 0xe10dn, concatBytes(...input))[31] === 1;
  }
}

/** A payment, as the payer makes it on their own machine. */
function pay(metaAddress: Uint8Array, label: string): { address: Hex; ephemeral: Uint8Array; tag: Hex } {
  const output = locally(ROWS, 0xe10cn, concatBytes(metaAddress, seedOf(label)));
  return {
    address: bytesToHex(output.subarray(0, 20)),
    ephemeral: output.subarray(20, 53),
    tag: bytesToHex(output.subarray(53)),
  };
}

const ada = new Recipient('ada');
const eve = new Recipient('eve');

let contract: Contract;
let wallet: Contract;
let evm: Evm;
let registry: Deployed;

beforeAll(() => {
  const extra = `// SPDX-License-Identifier: MIT
    pragma solidity ^0.8.20;
    contract Approver {
      bytes32 public approved;
      function approve(bytes32 hash) external { approved = hash; }
      function isValidSignature(bytes32 hash, bytes calldata) external view returns (bytes4) {
        require(approved != 0, "nothing");
        return hash == approved ? bytes4(0x1626ba7e) : bytes4(0);
      }
    }
    contract Odd {
      bytes public answer;
      function set(bytes calldata next) external { answer = next; }
      fallback() external {
        bytes memory output = answer;
        assembly { return(add(output, 32), mload(output)) }
      }
    }
    contract Closed {}`;
  const contracts = compile({ 'Approver.sol': extra });
  contract = contracts.StealthRegistry!;
  wallet = contracts.Approver!;
  closed = contracts.Closed!;
  odd = contracts.Odd!;
});

let closed: Contract;
let odd: Contract;

beforeEach(() => {
  evm = chain(contract, { precompiles: ROWS });
  registry = deploy(evm, contract, []);
});

describe('a payment', () => {
  it('is found and spent by its recipient alone', () => {
    registry.send('registerKeys', [1n, ada.metaAddress], { from: BOB });
    const meta = hexToBytes(registry.read('stealthMetaAddressOf', BOB, 1n) as Hex);
    const payment = pay(meta, 'first payment');
    const sent = registry.send('send', [payment.address, payment.ephemeral, payment.tag], { value: ETHER });
    expect(outcome(sent)).toBe('success');
    expect(evm.account(payment.address)!.balance).toBe(ETHER);

    // All that the recipient has is the log.
    const { name, args } = sent.logs[0]!.event!;
    expect(name).toBe('Announcement');
    expect(args).toMatchObject({ schemeId: 1n, stealthAddress: payment.address, caller: ALICE });
    const metadata = hexToBytes(args.metadata as Hex);
    expect(metadata.length).toBe(57);
    expect(bytesToHex(metadata.subarray(1))).toBe(
      `0x${'e'.repeat(48)}${ETHER.toString(16).padStart(64, '0')}`,
    );
    const ephemeral = hexToBytes(args.ephemeralPubKey as Hex);
    const address = hexToBytes(args.stealthAddress as Hex);
    expect(ada.scans(ephemeral, metadata[0]!, address)).toBe(true);
    expect(eve.scans(ephemeral, metadata[0]!, address)).toBe(false);
    expect(ada.scans(ephemeral, metadata[0]! ^ 1, address)).toBe(false);
    expect(ada.scans(ephemeral, metadata[0]!, flipped(address))).toBe(false);

    const key = stealthPrivateKey(ada.spendKey, ada.viewKey, ephemeral)!;
    expect(secretToAddress(key)).toBe(payment.address);
    const fresh = '0x00000000000000000000000000000000000f4e54';
    const fees = { gas: 21_000, maxFeePerGas: 10, maxPriorityFeePerGas: 1 };
    const request = { chainId: 1, nonce: 0, to: fresh, value: ETHER - 210_000n, ...fees };
    const thief = stealthPrivateKey(eve.spendKey, eve.viewKey, ephemeral)!;
    expect(evm.transact(signTransaction(request, thief)).status).toBe('invalid');
    // The viewing key finds payments, and spends none.
    const watcher = stealthPrivateKey(eve.spendKey, ada.viewKey, ephemeral)!;
    expect(secretToAddress(watcher)).not.toBe(payment.address);
    expect(outcome(evm.transact(signTransaction(request, key)))).toBe('success');
    expect(evm.account(fresh)!.balance).toBe(ETHER - 210_000n);
  });

  it('goes to another address each time', () => {
    const [first, second] = [pay(ada.metaAddress, 'one'), pay(ada.metaAddress, 'two')];
    expect(first.address).not.toBe(second.address);
    for (const { address, ephemeral, tag } of [first, second]) {
      expect(ada.scans(ephemeral, hexToBytes(tag)[0]!, hexToBytes(address))).toBe(true);
    }
  });

  it('has ether, a well-formed key and a recipient that takes it', () => {
    const { address, ephemeral, tag } = pay(ada.metaAddress, 'one');
    const value = 1n;
    expect(registry.try('send', [address, ephemeral, tag])).toBe('NothingSent');
    const short = ephemeral.subarray(0, 32);
    expect(registry.try('send', [address, short, tag], { value })).toBe('MalformedEphemeralKey');
    const long = concatBytes(ephemeral, Uint8Array.of(0));
    expect(registry.try('send', [address, long, tag], { value })).toBe('MalformedEphemeralKey');
    const uncompressed = concatBytes(Uint8Array.of(4), ephemeral.subarray(1));
    expect(registry.try('send', [address, uncompressed, tag], { value })).toBe('MalformedEphemeralKey');
    const nobody: Hex = `0x${'0'.repeat(40)}`;
    expect(registry.try('send', [nobody, ephemeral, tag], { value })).toBe('NoRecipient');
    const { address: refusing } = deploy(evm, closed, []);
    expect(registry.try('send', [refusing, ephemeral, tag], { value })).toBe('TransferFailed');
    expect(registry.try('send', [address, ephemeral, tag], { value })).toBe('success');
  });

  it('may have gone elsewhere: announcements are of anything, and no lie finds a recipient', () => {
    const { ephemeral, tag } = pay(ada.metaAddress, 'one');
    const lie = registry.send('announce', [1n, MALLORY, ephemeral, tag], { from: MALLORY });
    expect(lie.logs[0]!.event).toMatchObject({ name: 'Announcement', args: { caller: MALLORY } });
    expect(ada.scans(ephemeral, hexToBytes(tag)[0]!, hexToBytes(MALLORY))).toBe(false);
    const noPoint = registry.send('announce', [1n, MALLORY, '0x1234', tag], { from: MALLORY });
    expect(outcome(noPoint)).toBe('success');
  });
});

describe('the registry', () => {
  it('keeps one meta-address for each account and scheme', () => {
    const first = registry.send('registerKeys', [1n, ada.metaAddress], { from: BOB });
    expect(first.logs[0]!.event).toMatchObject({
      name: 'StealthMetaAddressSet',
      args: { registrant: BOB, schemeId: 1n, stealthMetaAddress: bytesToHex(ada.metaAddress) },
    });
    registry.send('registerKeys', [1n, eve.metaAddress], { from: CAROL });
    registry.send('registerKeys', [2n, '0x1234'], { from: BOB });
    expect(registry.read('stealthMetaAddressOf', BOB, 1n)).toBe(bytesToHex(ada.metaAddress));
    expect(registry.read('stealthMetaAddressOf', CAROL, 1n)).toBe(bytesToHex(eve.metaAddress));
    expect(registry.read('stealthMetaAddressOf', BOB, 2n)).toBe('0x1234');
    registry.send('registerKeys', [1n, eve.metaAddress], { from: BOB });
    expect(registry.read('stealthMetaAddressOf', BOB, 1n)).toBe(bytesToHex(eve.metaAddress));
  });

  it('refuses what is no meta-address of scheme 1', () => {
    const { metaAddress } = ada;
    const malformed = [
      new Uint8Array(1),
      metaAddress.subarray(1),
      concatBytes(metaAddress, Uint8Array.of(2)),
      concatBytes(Uint8Array.of(4), metaAddress.subarray(1)),
      concatBytes(metaAddress.subarray(0, 33), Uint8Array.of(0), metaAddress.subarray(34)),
    ];
    for (const bytes of malformed)
      expect(registry.try('registerKeys', [1n, bytes])).toBe('MalformedMetaAddress');
  });
});

describe('an entry', () => {
  it('can be removed by who made it, and made again', () => {
    registry.send('registerKeys', [1n, ada.metaAddress], { from: BOB });
    registry.send('registerKeys', [1n, eve.metaAddress], { from: CAROL });
    const removed = registry.send('registerKeys', [1n, '0x'], { from: BOB });
    expect(removed.logs[0]!.event).toMatchObject({
      name: 'StealthMetaAddressSet',
      args: { registrant: BOB, schemeId: 1n, stealthMetaAddress: '0x' },
    });
    expect(registry.read('stealthMetaAddressOf', BOB, 1n)).toBe('0x');
    expect(registry.read('stealthMetaAddressOf', CAROL, 1n)).toBe(bytesToHex(eve.metaAddress));
    expect(registry.try('registerKeys', [1n, ada.metaAddress], { from: BOB })).toBe('success');
  });
});

describe('registration on behalf of another', () => {
  const key = seedOf('registrant');
  const registrant = secretToAddress(key);
  const TYPE = 'Erc6538RegistryEntry(uint256 schemeId,bytes stealthMetaAddress,uint256 nonce)';
  const DOMAIN = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
  const hashOf = (text: string): Uint8Array => keccak256(new TextEncoder().encode(text));

  /** What EIP-712 says of an entry, apart from the contract. */
  function digestOf(meta: Uint8Array, nonce: bigint, chainId = 1n, scheme = 1n): Uint8Array {
    const contractWord = toBytes32(BigInt(registry.address));
    const domain = keccak256(
      concatBytes(hashOf(DOMAIN), hashOf('ERC6538Registry'), hashOf('1.0'), toBytes32(chainId), contractWord),
    );
    expect(chainId === 1n ? registry.read('DOMAIN_SEPARATOR') : bytesToHex(domain)).toBe(bytesToHex(domain));
    const entry = keccak256(concatBytes(hashOf(TYPE), toBytes32(scheme), keccak256(meta), toBytes32(nonce)));
    return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), domain, entry));
  }

  function sign(digest: Uint8Array, secret = key): Uint8Array {
    const { r, s, yParity } = nobleCrypto.sign(digest, secret);
    return concatBytes(toBytes32(r), toBytes32(s), Uint8Array.of(27 + Number(yParity)));
  }

  const attempt = (signature: Uint8Array, meta = ada.metaAddress, of: Hex = registrant): string =>
    registry.try('registerKeysOnBehalf', [of, 1n, signature, meta], { from: MALLORY });

  it('takes what they signed, once', () => {
    const signature = sign(digestOf(ada.metaAddress, 0n));
    const args = [registrant, 1n, signature, ada.metaAddress];
    expect(outcome(registry.send('registerKeysOnBehalf', args, { from: MALLORY }))).toBe('success');
    expect(registry.read('stealthMetaAddressOf', registrant, 1n)).toBe(bytesToHex(ada.metaAddress));
    expect(registry.read('nonceOf', registrant)).toBe(1n);
    expect(attempt(signature)).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(sign(digestOf(ada.metaAddress, 1n)))).toBe('success');
  });

  it('takes nothing else', () => {
    const signature = sign(digestOf(ada.metaAddress, 0n));
    expect(attempt(signature)).toBe('success');
    expect(attempt(signature, eve.metaAddress)).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(signature, ada.metaAddress, BOB)).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(flipped(signature, 40))).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(signature.subarray(0, 64))).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(new Uint8Array(0))).toBe('ERC6538Registry__InvalidSignature');
    // What ecrecover makes of nonsense is the zero address, which signs for nobody.
    expect(attempt(new Uint8Array(65), ada.metaAddress, `0x${'0'.repeat(40)}`)).toBe(
      'ERC6538Registry__InvalidSignature',
    );
    expect(attempt(sign(digestOf(ada.metaAddress, 1n)))).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(sign(digestOf(ada.metaAddress, 0n, 5n)))).toBe('ERC6538Registry__InvalidSignature');
    expect(attempt(sign(digestOf(ada.metaAddress, 0n, 1n, 2n)))).toBe('ERC6538Registry__InvalidSignature');
  });

  it('can be taken back while nobody has used it', () => {
    const signature = sign(digestOf(ada.metaAddress, 0n));
    evm.setAccount(registrant, { balance: ETHER });
    const back = registry.send('incrementNonce', [], { from: registrant });
    expect(back.logs[0]!.event).toMatchObject({ name: 'NonceIncremented', args: { newNonce: 1n } });
    expect(attempt(signature)).toBe('ERC6538Registry__InvalidSignature');
  });

  it('asks a contract that registers (ERC-1271)', () => {
    const { address } = deploy(evm, wallet, []);
    const digest = bytesToHex(digestOf(ada.metaAddress, 0n));
    // It reverts, it says no, it says yes.
    expect(attempt(new Uint8Array(0), ada.metaAddress, address)).toBe('ERC6538Registry__InvalidSignature');
    at(evm, wallet, address).send('approve', [`0x${'1'.repeat(64)}`]);
    expect(attempt(new Uint8Array(0), ada.metaAddress, address)).toBe('ERC6538Registry__InvalidSignature');
    at(evm, wallet, address).send('approve', [digest]);
    expect(attempt(new Uint8Array(0), ada.metaAddress, address)).toBe('success');
    // A signature of the length that a key makes is for the contract to judge, too.
    expect(attempt(new Uint8Array(65), ada.metaAddress, address)).toBe('success');
  });

  it.each([
    ['nothing', '0x', false],
    ['the selector alone', '0x1626ba7e', false],
    ['a byte too few', `0x1626ba7e${'00'.repeat(27)}`, false],
    ['something behind the selector', `0x1626ba7e${'00'.repeat(27)}01`, false],
    ['ones', `0x${'ff'.repeat(32)}`, false],
    ['another selector', `0x1626ba7f${'00'.repeat(28)}`, false],
    ['the word', `0x1626ba7e${'00'.repeat(28)}`, true],
    ['the word and more', `0x1626ba7e${'00'.repeat(28)}ffff`, true],
  ] as const)(
    'takes from a contract that answers with %s a verdict, and never fails bare',
    (_, answer, good) => {
      const { address } = deploy(evm, odd, []);
      at(evm, odd, address).send('set', [answer]);
      for (const length of [0, 65]) {
        expect(attempt(new Uint8Array(length), ada.metaAddress, address)).toBe(
          good ? 'success' : 'ERC6538Registry__InvalidSignature',
        );
      }
    },
  );

  it('takes no answer for one of a contract without a function for it, or of no contract', () => {
    for (const of of [deploy(evm, closed, []).address, BOB, `0x${'0'.repeat(39)}4` as Hex]) {
      expect(attempt(new Uint8Array(0), ada.metaAddress, of)).toBe('ERC6538Registry__InvalidSignature');
    }
  });

  it('takes the key of an account that delegates (EIP-7702), and asks what it delegates to', () => {
    const delegate = (to: Hex) => evm.setAccount(registrant, { code: `0xef0100${to.slice(2)}` });
    const signature = sign(digestOf(ada.metaAddress, 0n));
    const stranger = sign(digestOf(ada.metaAddress, 0n), seedOf('stranger'));
    // What it delegates to has no function for it, reverts, or would say yes.
    for (const { address } of [deploy(evm, closed, []), deploy(evm, wallet, [])]) {
      delegate(address);
      expect(attempt(signature)).toBe('success');
      expect(attempt(stranger)).toBe('ERC6538Registry__InvalidSignature');
    }
    at(evm, wallet, registrant).send('approve', [bytesToHex(digestOf(ada.metaAddress, 0n))]);
    expect(attempt(stranger)).toBe('success');
  });

  it('takes of two signatures that are as good as each other only the one with the lower s', () => {
    const signature = sign(digestOf(ada.metaAddress, 0n));
    const s = bytesToBigInt(signature.subarray(32, 64));
    const other = concatBytes(
      signature.subarray(0, 32),
      toBytes32(secp256k1.Point.Fn.ORDER - s),
      Uint8Array.of(signature[64]! === 27 ? 28 : 27),
    );
    const digest = digestOf(ada.metaAddress, 0n);
    const recovered = evm.call({
      to: 1n,
      data: concatBytes(digest, toBytes32(BigInt(other[64]!)), other.subarray(0, 64)),
    });
    expect(BigInt(recovered.output)).toBe(BigInt(registrant));
    expect(attempt(signature)).toBe('success');
    expect(attempt(other)).toBe('ERC6538Registry__InvalidSignature');
  });

  it('removes what they signed to remove', () => {
    registry.send('registerKeysOnBehalf', [
      registrant,
      1n,
      sign(digestOf(ada.metaAddress, 0n)),
      ada.metaAddress,
    ]);
    const nothing = new Uint8Array(0);
    const signature = sign(digestOf(nothing, 1n));
    expect(attempt(signature, ada.metaAddress)).toBe('ERC6538Registry__InvalidSignature');
    expect(outcome(registry.send('registerKeysOnBehalf', [registrant, 1n, signature, nothing]))).toBe(
      'success',
    );
    expect(registry.read('stealthMetaAddressOf', registrant, 1n)).toBe('0x');
  });
});

describe('on a chain', () => {
  it('the operations that take a secret fail', () => {
    const input = concatBytes(ada.metaAddress, seedOf('one'));
    expect(evm.call({ to: 0xe10cn, data: input }).status).toBe('halt');
  });

  it('works without any extension: what is secret happens elsewhere', () => {
    const bare = chain(contract);
    const plain = deploy(bare, contract, []);
    const { address, ephemeral, tag } = pay(ada.metaAddress, 'one');
    expect(plain.try('send', [address, ephemeral, tag], { value: 1n })).toBe('success');
  });
});
