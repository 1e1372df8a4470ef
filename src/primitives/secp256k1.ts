/** Of the curve that signs transactions (SEC 2, section 2.4.1). */

/** Order of the group: secret keys, r and s lie below. */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
