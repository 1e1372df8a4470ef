/**
 * Errors thrown for misuse of the API and for unreadable input. EVM outcomes are `Halt` codes and
 * invalid transactions are values; neither is ever thrown.
 */

export type ErrorCode =
  | 'INVALID_HEX'
  | 'INVALID_NUMBER'
  | 'INVALID_RLP'
  | 'INVALID_FIXTURE'
  | 'INVALID_ARCHIVE'
  | 'INVALID_SOURCE_MAP'
  | 'INVALID_STATE'
  | 'INVALID_RECORD'
  | 'INVALID_ARGUMENT'
  | 'MISSING_STATE'
  | 'REMOTE_STATE'
  | 'STORE_FAILURE'
  | 'ABORTED'
  | 'MISSING_PACKAGE'
  | 'UNSUPPORTED'
  | 'UNKNOWN_FORK'
  | 'UNREADABLE_FILE';

/** Base of every error that Erbium throws. `code` is stable, `message` names the item and the place. */
export class ErbiumError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ErbiumError';
    this.code = code;
  }
}
