/** Analysed code by hash, so that a contract is looked at once however often it runs. */

import { Code, EMPTY_CODE } from '../machine/code.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';

const DEFAULT_LIMIT = 2_048;

export class CodeCache {
  private readonly codes = new Map<bigint, Code>();
  private readonly limit: number;

  /** @param limit how many codes are kept at most; when full, all are dropped */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.limit = limit;
  }

  /** The code of a hash; `read` brings its bytes when they are needed. */
  get(codeHash: bigint, read: () => Uint8Array): Code {
    if (codeHash === EMPTY_CODE_HASH) return EMPTY_CODE;
    let code = this.codes.get(codeHash);
    if (code === undefined) {
      code = new Code(read());
      if (this.codes.size >= this.limit) this.codes.clear();
      this.codes.set(codeHash, code);
    }
    return code;
  }
}
