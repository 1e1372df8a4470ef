/** What instructions call the words that they take, the top of the stack first, as the Yellow Paper's appendix H. */

const CALL = ['gas', 'to', 'value', 'in offset', 'in size', 'out offset', 'out size'];
const COPY = ['to offset', 'from offset', 'size'];
const LOG = ['offset', 'size'];

const NAMES: Readonly<Record<string, readonly string[]>> = {
  EXP: ['base', 'exponent'],
  BYTE: ['index', 'word'],
  SHL: ['bits', 'word'],
  SHR: ['bits', 'word'],
  SAR: ['bits', 'word'],
  KECCAK256: ['offset', 'size'],
  BALANCE: ['address'],
  CALLDATALOAD: ['input offset'],
  CALLDATACOPY: COPY,
  CODECOPY: COPY,
  EXTCODESIZE: ['address'],
  EXTCODECOPY: ['address', ...COPY],
  EXTCODEHASH: ['address'],
  RETURNDATACOPY: COPY,
  BLOCKHASH: ['number'],
  BLOBHASH: ['index'],
  MLOAD: ['offset'],
  MSTORE: ['offset', 'word'],
  MSTORE8: ['offset', 'byte'],
  MCOPY: COPY,
  SLOAD: ['key'],
  SSTORE: ['key', 'value'],
  TLOAD: ['key'],
  TSTORE: ['key', 'value'],
  JUMP: ['pc'],
  JUMPI: ['pc', 'if'],
  LOG0: LOG,
  LOG1: [...LOG, 'topic 1'],
  LOG2: [...LOG, 'topic 1', 'topic 2'],
  LOG3: [...LOG, 'topic 1', 'topic 2', 'topic 3'],
  LOG4: [...LOG, 'topic 1', 'topic 2', 'topic 3', 'topic 4'],
  CREATE: ['value', 'offset', 'size'],
  CREATE2: ['value', 'offset', 'size', 'salt'],
  CALL,
  CALLCODE: CALL,
  DELEGATECALL: CALL.filter((name) => name !== 'value'),
  STATICCALL: CALL.filter((name) => name !== 'value'),
  RETURN: ['offset', 'size'],
  REVERT: ['offset', 'size'],
  SELFDESTRUCT: ['heir'],
};

/** Empty where the words have no names that say more than their place. */
export const operandsOf = (instruction: string | undefined): readonly string[] =>
  NAMES[instruction ?? ''] ?? [];
