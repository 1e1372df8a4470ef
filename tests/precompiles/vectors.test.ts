/** Published examples of the EIPs, and the edges that they name. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/index.ts';
import { bytesToBigInt, hexToBytes } from '../../src/primitives/bytes.ts';
import { be, FALSE, join, outcome, TRUE } from './support.ts';

const UTF8 = new TextEncoder();

describe('hashes and copies', () => {
  it('SHA256', () => {
    expect(outcome(2n, '')).toBe('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(outcome(2n, UTF8.encode('abc'))).toBe(
      '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('RIPEMD160', () => {
    const padding = '0x000000000000000000000000';
    expect(outcome(3n, '')).toBe(`${padding}9c1185a5c5e9fc54612808977ee8f548b2258d31`);
    expect(outcome(3n, UTF8.encode('abc'))).toBe(`${padding}8eb208f7e05d987a9b044a8e98c6b087f15a0bfc`);
  });

  it('ID', () => {
    expect(outcome(4n, '0x0102')).toBe('0x0102');
    expect(outcome(4n, '')).toBe('0x');
  });
});

describe('ECRECOVER', () => {
  const hash = '18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c';
  const r = '73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f';
  const s = 'eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549';
  const signer = '0x000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b';
  const v = (value: bigint) => Buffer.from(be(value)).toString('hex');
  const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

  it('finds the signer, and takes a high s', () => {
    expect(outcome(1n, hash + v(28n) + r + s)).toBe(signer);
    expect(outcome(1n, `${hash + v(28n) + r + s}ffff`)).toBe(signer);
    const lowS = v(N - BigInt(`0x${s}`));
    expect(outcome(1n, hash + v(27n) + r + lowS)).toBe(signer);
  });

  it.each([
    ['nothing', ''],
    ['v is 0', hash + v(0n) + r + s],
    ['v is 26', hash + v(26n) + r + s],
    ['v is 29', hash + v(29n) + r + s],
    ['v has a high byte', hash + v((1n << 248n) + 28n) + r + s],
    ['r is 0', hash + v(28n) + v(0n) + s],
    ['s is 0', hash + v(28n) + r + v(0n)],
    ['r is the order', hash + v(28n) + v(N) + s],
    ['s is the order', hash + v(28n) + r + v(N)],
    // x = 5 is on no point of the curve.
    ['r is no coordinate', hash + v(28n) + v(5n) + s],
    ['s is cut off', hash + v(28n) + r],
  ])('answers nothing when %s', (_why, input) => {
    expect(outcome(1n, input)).toBe('0x');
  });

  it('answers nothing when the key would be infinity', () => {
    // With R = G and hash = s the key is (s * G - s * G) / r.
    const x = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
    expect(outcome(1n, v(77n) + v(27n) + v(x) + v(77n))).toBe('0x');
    expect(outcome(1n, v(78n) + v(27n) + v(x) + v(77n))).not.toBe('0x');
  });
});

describe('signing', () => {
  it('has the address of EIP-155, and recovers to it', () => {
    const key = hexToBytes('4646464646464646464646464646464646464646464646464646464646464646');
    const hash = hexToBytes('daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53');
    const signature = nobleCrypto.sign(hash, key);
    expect(signature.r).toBe(0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276n);
    expect(signature.s).toBe(0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83n);
    expect(signature.yParity).toBe(0);
    const address = 0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4fn;
    expect(nobleCrypto.secretToAddress(key)).toBe(address);
    expect(nobleCrypto.recoverAddress(hash, 0, signature.r, signature.s)).toBe(address);
    expect(nobleCrypto.recoverAddress(hash, 1, signature.r, signature.s)).not.toBe(address);
  });
});

describe('BN254', () => {
  const P = bn254.fields.Fp.ORDER;
  const N = bn254.fields.Fr.ORDER;
  const G = join(be(1), be(2));
  const hex = (...parts: readonly Uint8Array[]) => `0x${Buffer.from(join(...parts)).toString('hex')}`;
  const twoG = join(
    be(0x030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3n),
    be(0x15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4n),
  );

  it('adds', () => {
    expect(outcome(6n, '')).toBe(hex(new Uint8Array(64)));
    expect(outcome(6n, join(G, G))).toBe(hex(twoG));
    expect(outcome(6n, G)).toBe(hex(G));
    expect(outcome(6n, join(G, be(1), be(P - 2n)))).toBe(hex(new Uint8Array(64)));
  });

  it.each([
    ['is not on the curve', join(be(1), be(3))],
    ['has x = 0', join(be(0), be(1))],
    ['is not canonical', join(be(1n + P), be(2))],
    ['has a coordinate that is the modulus', join(be(0), be(P))],
  ])('fails for a point that %s', (_why, point) => {
    expect(outcome(6n, point)).toBe('failure');
    expect(outcome(7n, point)).toBe('failure');
    expect(outcome(8n, join(point, new Uint8Array(128)))).toBe('failure');
  });

  it('multiplies by any number', () => {
    expect(outcome(7n, join(G, be(2)))).toBe(hex(twoG));
    expect(outcome(7n, join(G, be(N)))).toBe(hex(new Uint8Array(64)));
    expect(outcome(7n, join(G, be(N + 2n)))).toBe(hex(twoG));
    expect(outcome(7n, join(G, be(N - 1n)))).toBe(hex(be(1), be(P - 2n)));
    expect(outcome(7n, G)).toBe(hex(new Uint8Array(64)));
  });

  const { x, y } = bn254.G2.Point.BASE.toAffine();
  const H = join(be(x.c1), be(x.c0), be(y.c1), be(y.c0));
  const minusG = join(be(1), be(P - 2n));

  it('pairs', () => {
    expect(outcome(8n, '')).toBe(TRUE);
    expect(outcome(8n, join(G, H))).toBe(FALSE);
    expect(outcome(8n, join(G, H, minusG, H))).toBe(TRUE);
    expect(outcome(8n, join(twoG, H, minusG, H))).toBe(FALSE);
    expect(outcome(8n, join(twoG, H, minusG, H, minusG, H))).toBe(TRUE);
    expect(outcome(8n, join(G, new Uint8Array(128)))).toBe(TRUE);
    expect(outcome(8n, join(new Uint8Array(64), H))).toBe(TRUE);
    expect(outcome(8n, join(G, H).subarray(1))).toBe('failure');
  });

  it('rejects a point of the twisted curve outside of the subgroup, even when paired with infinity', () => {
    const { Fp2 } = bn254.fields;
    let found = 0;
    for (let i = 1n; found < 3; i++) {
      const candidate = { c0: i, c1: 1n };
      const square = Fp2.add(Fp2.mul(Fp2.sqr(candidate), candidate), bn254.G2.Point.CURVE().b);
      let root: typeof square;
      try {
        root = Fp2.sqrt(square);
      } catch {
        continue;
      }
      found++;
      const input = join(be(1), be(candidate.c0), be(root.c1), be(root.c0));
      expect(bn254.G2.Point.fromAffine({ x: candidate, y: root }).isTorsionFree()).toBe(false);
      expect(outcome(8n, join(G, input))).toBe('failure');
      expect(outcome(8n, join(new Uint8Array(64), input))).toBe('failure');
    }
  });
});

describe('BLAKE2F', () => {
  // Test vectors of EIP-152: the state after "abc" of an unkeyed hash of 64 bytes.
  const tail =
    '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b' +
    `6bbd41fbabd9831f79217e1319cde05b616263${'00'.repeat(125)}0300000000000000${'00'.repeat(8)}`;

  it.each([
    [
      '00000000',
      '01',
      '0x08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    ],
    [
      '0000000c',
      '01',
      '0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    ],
    [
      '0000000c',
      '00',
      '0x75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735',
    ],
    [
      '00000001',
      '01',
      '0xb63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421',
    ],
  ])('after %s rounds with the flag %s', (rounds, flag, expected) => {
    expect(outcome(9n, rounds + tail + flag)).toBe(expected);
  });

  it('fails for another flag or length', () => {
    expect(outcome(9n, `0000000c${tail}02`)).toBe('failure');
    expect(outcome(9n, `00000c${tail}01`)).toBe('failure');
    expect(outcome(9n, `000000000c${tail}01`)).toBe('failure');
    expect(outcome(9n, '')).toBe('failure');
  });
});

describe('KZG_POINT_EVALUATION', () => {
  const valid = hexToBytes(
    '018156b94fe9735e573bab36dad05d60feb720d424ccd20aaf719343c31e4246019123bcb9d06356701f7be08b449462' +
      '5b87a7b02edc566126fb81f6306e915f6c2eb1e94c2532935b8465351ba1bd88eabe2b3fa1aadff7d1cd816e8315bd38' +
      'a9546d41993e10df2a7429b8490394ea9ee62807bae6f326d1044a51581306f58d4b9dfd5931e044688855280ff3799e' +
      'a2ea83d9391e0ee42e0c650acc7a1f842a7d385189485ddb4fd54ade3d9fd50d608167dca6c776aad4b8ad5c20691bfe',
  );
  const R = bls12_381.fields.Fr.ORDER;
  const success =
    '0x000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001';
  const infinity = join(Uint8Array.of(0xc0), new Uint8Array(47));
  const withHash = (rest: Uint8Array) => {
    const hash = nobleCrypto.sha256(rest.subarray(64, 112));
    hash[0] = 1;
    return join(hash, rest);
  };

  it('accepts a proof from mainnet', () => {
    expect(outcome(10n, valid)).toBe(success);
  });

  it('accepts the constant 0, whose commitment and proof are infinity', () => {
    expect(outcome(10n, withHash(join(be(R - 1n), be(0), infinity, infinity)))).toBe(success);
    expect(outcome(10n, withHash(join(be(5), be(1), infinity, infinity)))).toBe('failure');
  });

  it('accepts a constant, whose commitment is a multiple of the generator', () => {
    const seven = bls12_381.G1.Point.BASE.multiply(7n).toBytes(true);
    expect(outcome(10n, withHash(join(be(99), be(7), seven, infinity)))).toBe(success);
    expect(outcome(10n, withHash(join(be(99), be(8), seven, infinity)))).toBe('failure');
  });

  it('fails when any one byte is changed', () => {
    for (let i = 0; i < 192; i += 7) {
      const changed = valid.slice();
      changed[i]! ^= 1;
      expect(outcome(10n, changed)).toBe('failure');
    }
  });

  it('fails for numbers that are not canonical', () => {
    const rest = valid.subarray(96);
    const z = bytesToBigInt(valid.subarray(32, 64));
    const y = bytesToBigInt(valid.subarray(64, 96));
    expect(outcome(10n, withHash(join(be(z), be(y), rest)))).toBe(success);
    expect(outcome(10n, withHash(join(be(z + R), be(y), rest)))).toBe('failure');
    expect(outcome(10n, withHash(join(be(z), be(y + R), rest)))).toBe('failure');
  });

  it.each([
    ['is not marked as compressed', Uint8Array.of(0x40)],
    ['has all flags', Uint8Array.of(0xe0)],
    ['is infinity with other bits', Uint8Array.of(0xc1)],
    ['is a plain zero', Uint8Array.of(0x80)],
    ['has a coordinate above the modulus', Uint8Array.of(0x9f)],
  ])('fails for a point that %s', (_why, first) => {
    const bad = join(first, new Uint8Array(47));
    expect(outcome(10n, withHash(join(be(0), be(0), bad, infinity)))).toBe('failure');
    expect(outcome(10n, withHash(join(be(0), be(0), infinity, bad)))).toBe('failure');
  });

  it('fails for a point outside of the subgroup', () => {
    // x = 4 is on the curve, and not in the subgroup.
    const outside = join(Uint8Array.of(0x80), be(4, 47));
    expect(() => bls12_381.G1.Point.fromBytes(outside)).toThrow('subgroup');
    expect(outcome(10n, withHash(join(be(0), be(0), outside, infinity)))).toBe('failure');
    expect(outcome(10n, withHash(join(be(0), be(0), infinity, outside)))).toBe('failure');
  });
});

describe('P256VERIFY', () => {
  const valid = hexToBytes(
    'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9434287fa699ff2be2a4475ccd9c063d1' +
      'a22a424b6ab357d9bb0b31f7a71307b9be6af716032d408183c53f6f76945363144555fad2a5ff7854159166e52fc1d0' +
      'da3c553a4215893e6d95d5818df2519e13233a1e0e56e0ea7b4817a92a6973f9d8c8877a49383e20c3fdc21d4e8e280e' +
      'f1feeb72c333036770369a4387168d33',
  );
  const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
  const replaced = (at: number, value: bigint) => {
    const copy = valid.slice();
    copy.set(be(value), at);
    return copy;
  };

  it('accepts a valid signature, with either s', () => {
    expect(outcome(0x100n, valid)).toBe(TRUE);
    expect(outcome(0x100n, replaced(64, N - bytesToBigInt(valid.subarray(64, 96))))).toBe(TRUE);
  });

  it.each([
    ['another length', join(valid, be(0, 1))],
    ['a byte less', valid.subarray(0, 159)],
    ['no input', new Uint8Array(0)],
    ['another hash', replaced(0, 1n)],
    ['r = 0', replaced(32, 0n)],
    ['r = n', replaced(32, N)],
    ['s = 0', replaced(64, 0n)],
    ['s = n', replaced(64, N)],
    ['x = p', replaced(96, P)],
    ['y = p', replaced(128, P)],
    ['a key off the curve', replaced(128, 1n)],
  ])('answers nothing for %s', (_why, input) => {
    expect(outcome(0x100n, input)).toBe('0x');
  });

  it('answers nothing for infinity as the key', () => {
    const copy = valid.slice();
    copy.fill(0, 96);
    expect(outcome(0x100n, copy)).toBe('0x');
  });
});
