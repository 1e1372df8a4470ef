/**
 * What lies where in the linear memory of the fast engine. Addresses and sizes in bytes, words little-endian.
 *
 * First come areas of a fixed size: scratch, numbers from the rules, what is known of each opcode, cached storage slots,
 * prepared codes. Behind them the frames stand one on another, each with its record, its stack and its memory: a child
 * begins where its parent's memory ends, which cannot grow meanwhile.
 */

export const PAGE: number = 1 << 16;
/** Pages beyond what is needed, each time that the memory grows. */
export const GROW_AHEAD = 16;
export const WORD = 32;
export const STACK_BYTES: number = 1024 * WORD;

/** For the word functions and for hashing. */
export const SCRATCH = 0;
export const HASH_SCRATCH = 1_024;

/** Numbers from the rules; all i64. */
export const RULES = 2_048;
export const Rule = {
  EXP_BYTE: RULES,
  WARM_SLOT: RULES + 8,
  SENTRY: RULES + 16,
  NOOP: RULES + 24,
  SET: RULES + 32,
  RESET: RULES + 40,
  CLEAR_REFUND: RULES + 48,
} as const;

/** What the refund counter gains when it is settled; i64. */
export const REFUND = 2_304;
/** Number of slots whose new value the state does not have yet; i32. */
export const DIRTY_COUNT = 2_312;
/** Above it no frame has written: memory is zero there; i32. */
export const HIGH_MARK = 2_316;

/** Smallest tag of a slot that is still worth something; i32. */
export const FIRST_TAG = 2_320;

/** Whether the functions of `loop/late.ts` are in their table; i32. */
export const LATE_ARE_HERE = 2_324;

/** Parts of the block at hand while a code is prepared; see `prepare.ts`. */
export const PARTS = 3_072;
export const Part = {
  /** Address of its first instruction. */
  START: 0,
  /** Gas, and bytes of stack gained, from the block's start to it. */
  GAS: 4,
  DEPTH: 8,
  /** The most that an instruction of it needs, and that there is after one, counted from the block's start. */
  NEEDS: 12,
  GROWS: 16,
  /** `Block.START`, and `Block.JUMPDEST` where it begins with one. */
  FLAGS: 20,
  SIZE: 24,
} as const;
/** Where a part would be one too many, a block ends. */
export const MAX_PARTS = 40;

/** 16 bytes for each opcode byte. */
export const OPS = 4_096;
export const Op = {
  /** i32 */
  GAS: 0,
  /** Bytes of stack that it takes; i32. */
  TAKES: 4,
  /** Bytes of stack that it gives beyond what it takes; i32. */
  GROWS: 8,
  /** How the loop knows it; u8. */
  CODE: 12,
  /** `OpFlag` bits; u8. */
  FLAGS: 13,
  /** Bytes of its constant; u8. */
  IMMEDIATE: 14,
  SIZE: 16,
} as const;
export const OpFlag = {
  /** The next instruction begins a block. */
  ENDS: 1,
  /** A jump may go to it. */
  JUMPDEST: 2,
} as const;

/** Addresses of the slots that are dirty. */
export const DIRTY: number = OPS + 256 * Op.SIZE;

/**
 * Slots of storage, as far as frames have asked for them. Each key has a few places in a row: keys that share them take
 * them from each other, so that a contract can make it useless but not large.
 */
export const SLOT_COUNT = 4_096;
export const SLOT_PLACES = 4;
/** A key's last places may lie behind the others'. */
export const ALL_SLOTS: number = SLOT_COUNT + SLOT_PLACES - 1;
export const SLOTS: number = align(DIRTY + 4 * ALL_SLOTS, WORD);
export const Slot = {
  KEY: 0,
  VALUE: 32,
  ORIGINAL: 64,
  /** Whose slot it is: see `Record.STORAGE_TAG`; i32. */
  TAG: 96,
  /** Whether the state does not have its value yet; i32. */
  DIRTY: 100,
  SIZE: 128,
} as const;

/** For each two bytes of prepared code that of both as one, or 0; that of the first times 256 plus the second. */
export const SEQUENCE_BYTES: number = SLOTS + ALL_SLOTS * Slot.SIZE;

/** Hashes of 64 bytes that were made lately. */
export const KNOWN_HASHES = 4_096;
export const KnownHash = {
  INPUT: 0,
  /** As a word of the stack. */
  OUTPUT: 64,
  /** Whether there is one; i32. */
  IS_THERE: 96,
  SIZE: 128,
} as const;
export const HASHES: number = align(SEQUENCE_BYTES + 256 * 256, KnownHash.SIZE);

/**
 * Prepared codes: each as the loop reads it and as it is, and 8 bytes a byte of what is known of the block that begins
 * there.
 */
export const CODES: number = align(HASHES + KNOWN_HASHES * KnownHash.SIZE, PAGE);
export const CODES_SIZE: number = 1 << 24;

/** Where a watched loop keeps what it comes by; see `loop/probe.ts`. i32 where nothing else is said. */
const PROBE_AT: number = CODES + CODES_SIZE;
/** Of pairs of instructions; the row behind the last is that of none before. */
export const FEATURES: number = 256 * 256;
export const PROBE = {
  /** How many notes there are, and words of comparisons; instructions since they were last set to 0. */
  COUNT: PROBE_AT,
  OPERANDS_COUNT: PROBE_AT + 4,
  STEPS: PROBE_AT + 8,
  OPERANDS: PROBE_AT + 64,
  MAX_OPERANDS: 64,
  /** One byte for each pair: whether it was noted. */
  KNOWN: PROBE_AT + 64 + 64 * WORD,
  /** Each pair is noted once. */
  NOTES: PROBE_AT + 64 + 64 * WORD + FEATURES + 256,
  /** In the place of the instruction before, where there is none. */
  NONE: 256,
} as const;
export const Note = {
  /** The instruction before, times 256, and the instruction. */
  FEATURE: 0,
  /** Address of the instruction in prepared code, with `UNPAID` where its block is not paid yet. */
  PLACE: 4,
  /** f64 */
  GAS: 8,
  SIZE: 16,
  UNPAID: 2 ** 31,
} as const;

/** Frames. */
export const FRAMES: number = align(PROBE.NOTES + FEATURES * Note.SIZE, PAGE);

/** What is known of a block, in 64 bits: its gas, two flags, and the stack that it needs and adds. */
export const Block = {
  GAS_MASK: 0x3fff_ffff,
  /** A block begins here. */
  START: 0x4000_0000,
  /** A jump may go here; the JUMPDEST itself need not be run. */
  JUMPDEST: 0x8000_0000,
  /** Bytes of stack that have to be there: bits 32 to 47. */
  NEEDS_SHIFT: 32,
  /** Bytes of stack that have to be free: bits 48 to 63. */
  GROWS_SHIFT: 48,
  SIZE: 8,
} as const;

/** Codes longer than this are left to the reference engine; so are blocks, whose gas would not fit. */
export const MAX_CODE: number = 1 << 20;
/** Zeros behind a code: what a PUSH in the last byte reads, and a jump behind it. */
export const CODE_PADDING = 64;

/** The record of a frame; i32 where nothing else is said. */
export const Record = {
  /** Address of the next instruction's byte. */
  PC: 0,
  /** Address of the top word; the stack grows downwards. */
  SP: 4,
  /** Address behind the lowest word of the stack. */
  STACK_END: 8,
  CODE: 12,
  CODE_SIZE: 16,
  /** Address of the first block, less eight times the address of the code. */
  BLOCKS_BIAS: 20,
  /** Address of the code's own bytes. */
  CODE_BYTES: 88,
  /** The instruction before, in a loop that is watched; `PROBE.NONE` where there is none. */
  LAST: 92,
  MEMORY: 24,
  MEMORY_SIZE: 28,
  /** Bytes of memory that the frame may have. */
  MEMORY_LIMIT: 32,
  INPUT: 36,
  INPUT_SIZE: 40,
  RETURN_DATA_SIZE: 44,
  IS_STATIC: 48,
  /** Not zero where the frame has more gas than is told here. */
  HAS_RESERVE: 52,
  /** The words that are there: one bit for each opcode from 0x30 on. */
  WORDS_KNOWN: 56,
  /** The tag of the frame's storage; 0 for none yet. One more is that of transient storage. */
  STORAGE_TAG: 60,
  /** f64 */
  GAS: 64,
  /** Gas beyond what the loop counts with at the moment; i64. */
  REST: 72,
  /** Where the output lies in memory, and its size. */
  OUTPUT: 80,
  OUTPUT_SIZE: 84,
  SIZE: 128,
} as const;

/** Opcode of the first word that a frame keeps; there are 32. */
export const FIRST_WORD = 0x30;
export const WORDS_OFFSET: number = Record.SIZE;
export const STACK_OFFSET: number = WORDS_OFFSET + 32 * WORD;
/** From its record to the end of its stack. */
export const FRAME_SIZE: number = STACK_OFFSET + STACK_BYTES;

/** Why the loop has been left. */
export const Status = {
  /** The instruction at pc is the row's own handler's affair; its base gas is paid and its stack checked. */
  HANDLER: 0,
  /** The instruction at pc gives a word that the frame does not have yet. */
  WORD: 1,
  /** The gas does not suffice for the block at pc. */
  BLOCK: 2,
  /** The instruction at pc cannot be paid, or fails; the rest of its block is paid. */
  INSTRUCTION: 3,
  STOP: 4,
  RETURN: 5,
  REVERT: 6,
  /** The stack does not suffice for the block at pc. */
  STACK: 7,
  /** The instruction at pc needs a function that is not there yet. */
  LATE: 8,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

function align(address: number, to: number): number {
  return Math.ceil(address / to) * to;
}
