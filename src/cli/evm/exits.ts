/** Exit codes of geth's tools for transitions, transactions and blocks. */

import type { ErrorCode } from '../../primitives/errors.ts';

export const TOOL_EXIT = { EVM: 2, CONFIG: 3, MISSING_BLOCK_HASH: 4, JSON: 10, IO: 11, RLP: 12 } as const;

/** Of errors that have no code of their own. */
export const TOOL_EXITS: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNSUPPORTED: TOOL_EXIT.EVM,
  UNKNOWN_FORK: TOOL_EXIT.CONFIG,
  INVALID_ARGUMENT: TOOL_EXIT.CONFIG,
  INVALID_FIXTURE: TOOL_EXIT.JSON,
  INVALID_HEX: TOOL_EXIT.JSON,
  UNREADABLE_FILE: TOOL_EXIT.IO,
  INVALID_RLP: TOOL_EXIT.RLP,
};
