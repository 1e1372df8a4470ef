/** The optional package @noble/post-quantum: the only module that imports it. */

import { peer } from './peer.ts';

const NAME = '@noble/post-quantum';
const [mlDsa, falcon, slhDsa] = await Promise.all([
  peer(NAME, () => import('@noble/post-quantum/ml-dsa.js')),
  peer(NAME, () => import('@noble/post-quantum/falcon.js')),
  peer(NAME, () => import('@noble/post-quantum/slh-dsa.js')),
]);

export const { ml_dsa44: mlDsa44, ml_dsa65: mlDsa65, ml_dsa87: mlDsa87 } = mlDsa;

export const { falcon512, falcon512padded, falcon1024, falcon1024padded } = falcon;

export const {
  slh_dsa_sha2_128s: slhDsaSha2128s,
  slh_dsa_sha2_128f: slhDsaSha2128f,
  slh_dsa_sha2_192s: slhDsaSha2192s,
  slh_dsa_sha2_192f: slhDsaSha2192f,
  slh_dsa_sha2_256s: slhDsaSha2256s,
  slh_dsa_sha2_256f: slhDsaSha2256f,
  slh_dsa_shake_128s: slhDsaShake128s,
  slh_dsa_shake_128f: slhDsaShake128f,
  slh_dsa_shake_192s: slhDsaShake192s,
  slh_dsa_shake_192f: slhDsaShake192f,
  slh_dsa_shake_256s: slhDsaShake256s,
  slh_dsa_shake_256f: slhDsaShake256f,
} = slhDsa;
