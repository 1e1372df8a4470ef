/** Whole programs: which actions follow each other, how they branch and loop, and how they end. */

import type { Random } from '../random.ts';
import { Assembly } from './assembly.ts';
import { callAccount, callAndLook, callPrecompile, createAccount, readInput } from './calls.ts';
import { endProgram, putAway, witness } from './endings.ts';
import type { Group, Kit, Shaped } from './kit.ts';
import { OP } from './op.ts';
import { pushAny, pushOperand, STORED_PUSHES, sharedKey } from './operands.ts';
import { type Action, emit, HIGH, type Profile, type Scope, type Step } from './scope.ts';

type Weights = Readonly<Partial<Record<Action, number>>>;

const COMMON: Weights = {
  arithmetic: 10,
  bits: 10,
  hash: 2,
  environment: 6,
  accounts: 2,
  copies: 3,
  memory: 6,
  storage: 4,
  transient: 2,
  flow: 3,
  logs: 1,
  dups: 4,
  swaps: 4,
  push: 8,
  putAway: 3,
  skip: 2,
  loop: 1,
  jumpAhead: 1,
  call: 2,
  callAndLook: 1,
  create: 1,
  slotHistory: 1,
};

// biome-ignore format: a table
const WEIGHTS: Readonly<Record<Profile, Weights>> = {
  arithmetic: { ...COMMON, arithmetic: 50, bits: 40, push: 20, call: 0, callAndLook: 0, create: 0, slotHistory: 0, accounts: 1, environment: 2 },
  memory: { ...COMMON, memory: 40, copies: 25, hash: 10, logs: 4, call: 4, create: 1 },
  storage: { ...COMMON, storage: 20, transient: 12, slotHistory: 12, call: 6, callAndLook: 6 },
  calls: { ...COMMON, call: 14, callAndLook: 4, create: 6, accounts: 6, slotHistory: 3, precompile: 1 },
  precompiles: { ...COMMON, precompile: 8, memory: 8, copies: 5 },
  transactions: { ...COMMON, environment: 20, accounts: 6, storage: 8 },
  mixed: COMMON,
};

/** Once in so many actions, something that will most likely end the frame. */
const ACCIDENT_ONE_IN = 1_200;
/** Of as many actions of a mixed program so many are precompiles: they are slow, next to all else. */
const MIXED_PRECOMPILES = 8;
/** Once in so many results of one instruction, the result is put where it shows, at once. */
const WITNESS_ONE_IN = 2;
const MOST_NESTING = 3;
/** Once in so many DUPs and SWAPs, the stack is filled before, as far as the deepest of them reaches. */
const DEEP_ONE_IN = 25;
const DEEPEST = 17;

/** Actions that a program that writes nothing has none of. */
const WRITING: readonly Action[] = ['create', 'slotHistory', 'logs'];

const outsideLoops =
  (step: Step): Step =>
  (scope) =>
    scope.loops > 0 ? putAway(scope) : step(scope);

const STEPS: Readonly<Record<Exclude<Action, Group> | 'dups' | 'swaps', Step>> = {
  push: (scope) => {
    scope.budget--;
    pushAny(scope.random, scope.code, scope.kit);
  },
  putAway,
  skip: (scope) => (scope.nesting < MOST_NESTING ? skip(scope) : putAway(scope)),
  loop: outsideLoops((scope) => (scope.nesting < MOST_NESTING ? loop(scope) : putAway(scope))),
  jumpAhead,
  call: outsideLoops(callAccount),
  callAndLook: outsideLoops(callAndLook),
  precompile: outsideLoops(callPrecompile),
  create: outsideLoops(createAccount),
  slotHistory,
  dups: (scope) => rearrange(scope, 'dups'),
  swaps: (scope) => rearrange(scope, 'swaps'),
};

function stepOf(kit: Kit, action: Action): Step {
  if (action in STEPS) return STEPS[action as keyof typeof STEPS];
  const group = kit.groups[action as Group];
  return (scope) => runGroup(scope, group);
}

interface StepLists {
  readonly pure: readonly Step[];
  readonly any: readonly Step[];
}

const known = new WeakMap<Kit, Map<Profile, StepLists>>();

function listsOf(kit: Kit, profile: Profile): StepLists {
  const weights = (Object.entries(WEIGHTS[profile]) as [Action, number][]).filter(
    ([action]) => !(action in kit.groups) || kit.groups[action as Group].length > 0,
  );
  const expand = (some: readonly [Action, number][]): Step[] =>
    some.flatMap(([action, weight]) => new Array<Step>(weight).fill(stepOf(kit, action)));
  return { any: expand(weights), pure: expand(weights.filter(([action]) => !WRITING.includes(action))) };
}

/** The steps that a fork has, each as often as its weight. A program that writes nothing has fewer. */
function stepsOf(kit: Kit, profile: Profile, isPure: boolean): readonly Step[] {
  let ofKit = known.get(kit);
  if (ofKit === undefined) known.set(kit, (ofKit = new Map()));
  let lists = ofKit.get(profile);
  if (lists === undefined) ofKit.set(profile, (lists = listsOf(kit, profile)));
  return isPure ? lists.pure : lists.any;
}

function runGroup(scope: Scope, group: readonly Shaped[]): void {
  const { random } = scope;
  const shaped = group[random.below(group.length)]!;
  if (scope.isPure && shaped.isWriting) {
    pushAny(random, scope.code, scope.kit);
    return;
  }
  emit(scope, shaped);
  if (shaped.row.gives === 1 && random.oneIn(WITNESS_ONE_IN)) witness(scope);
}

/** DUP or SWAP of any depth that the stack has. */
function rearrange(scope: Scope, group: 'dups' | 'swaps'): void {
  const { random, code, kit } = scope;
  // Stacks are seldom as deep as the deepest of these reach.
  if (random.oneIn(DEEP_ONE_IN)) {
    for (; code.available < DEEPEST; scope.budget--) pushAny(random, code, kit);
  }
  const most = group === 'dups' ? Math.min(16, code.height) : Math.min(16, code.available - 1);
  if (most < 1) {
    pushAny(random, code, kit);
    return;
  }
  scope.budget--;
  code.row(kit.groups[group][random.oneIn(4) ? most - 1 : random.below(most)]!.row);
}

/** Runs actions that leave the stack as high as they found it. */
function block(scope: Scope, actions: number): void {
  const { code } = scope;
  const { floor } = code;
  const height = code.height;
  code.floor = height;
  scope.nesting++;
  for (let i = 0; i < actions; i++) act(scope);
  while (code.height > height) putAway(scope);
  scope.nesting--;
  code.floor = floor;
}

/** A branch around some actions, on a condition that may hold. */
function skip(scope: Scope): void {
  const { random, code, kit } = scope;
  if (code.available > 0 && random.oneIn(2)) {
    // What was computed decides.
  } else if (random.oneIn(3)) pushAny(random, code, kit);
  else code.push(random.below(2));
  const place = code.jumpIf();
  block(scope, random.between(1, 4));
  code.land(place);
}

/** Counts down from a small number. */
function loop(scope: Scope): void {
  const { random, code } = scope;
  const times = random.between(2, 6);
  const before = scope.budget;
  code.push(times);
  const start = code.here();
  scope.loops++;
  block(scope, random.between(1, 4));
  scope.loops--;
  code.push(1);
  code.op(OP.SWAP1, 2, 2);
  code.op(OP.SUB, 2, 1);
  code.op(OP.DUP1, 1, 2);
  code.jumpBackIf(start);
  code.pop();
  scope.budget -= (before - scope.budget) * (times - 1) + 7 * times;
}

const PUSHED_JUMPDESTS = Uint8Array.of(OP.PUSH1 + 2, OP.JUMPDEST, OP.JUMPDEST, OP.JUMPDEST);
/** What comes last might be a PUSH, which is not to swallow the JUMPDEST behind it. */
const MOST_CONSTANT = 33;

/** A jump over bytes that are not run, among them JUMPDESTs that count for nothing. */
function jumpAhead(scope: Scope): void {
  const { random, code } = scope;
  const junk = random.oneIn(2) ? PUSHED_JUMPDESTS : random.bytes(random.below(6));
  scope.budget -= 5;
  if (random.oneIn(3)) {
    // The target is computed: PUSH1 n, PC, ADD, JUMP, with PC two bytes behind the PUSH.
    code.push(3 + junk.length + MOST_CONSTANT);
    code.op(OP.PC, 0, 1);
    code.op(OP.ADD, 2, 1);
    code.op(OP.JUMP, 1, 0);
    code.raw(junk);
    code.zeros(MOST_CONSTANT);
    code.here();
    return;
  }
  const place = code.jump();
  code.raw(junk);
  code.zeros(MOST_CONSTANT);
  code.land(place);
}

/** Values of one slot in a row: together with what it had before, every case of metering by difference. */
function slotHistory(scope: Scope): void {
  const { random, code, kit } = scope;
  const isTransient = kit.groups.transient.length > 0 && random.oneIn(3);
  const key = sharedKey(random);
  for (let times = random.between(1, 4); times > 0; times--) {
    if (random.oneIn(4)) pushOperand(random, code, kit, 'value');
    else code.pushed(random.pick(STORED_PUSHES));
    code.pushed(key);
    code.op(isTransient ? OP.TSTORE : OP.SSTORE, 2, 0);
    scope.budget -= 3;
  }
  if (random.oneIn(2)) {
    code.pushed(key);
    code.op(isTransient ? OP.TLOAD : OP.SLOAD, 1, 1);
  }
}

/** What a program should not do. */
function accident(scope: Scope): void {
  const { random, code, kit } = scope;
  switch (random.below(6)) {
    case 0:
      // More words than there are.
      for (let i = code.height; i >= 0; i--) code.byte(OP.POP);
      return;
    case 1:
      if (kit.undefinedBytes.length > 0) code.byte(random.pick(kit.undefinedBytes));
      return;
    case 2:
      pushAny(random, code, kit);
      code.op(OP.JUMP, 1, 0);
      return;
    case 3: {
      // To a JUMPDEST that is the constant of a PUSH, from where the program could go on.
      const place = code.jump();
      code.byte(OP.PUSH1);
      code.land(place);
      return;
    }
    case 4: {
      // More words than the stack holds.
      const start = code.here();
      code.push(1);
      code.push(start);
      code.op(OP.JUMP, 1, 0);
      return;
    }
    default:
      code.byte(OP.INVALID);
      return;
  }
}

/** One step of a program. */
function act(scope: Scope): void {
  const { random, code, steps } = scope;
  if (code.available > HIGH) {
    putAway(scope);
    return;
  }
  // One number says both whether it is something rare, and which of the steps it is otherwise.
  const { length } = steps;
  const chance = random.below(ACCIDENT_ONE_IN * length);
  if (chance < length) accident(scope);
  else if (chance < (1 + MIXED_PRECOMPILES) * length && scope.profile === 'mixed') callPrecompile(scope);
  else steps[chance % length]!(scope);
}

/** How a program is to be. */
export interface ProgramOptions {
  readonly kit: Kit;
  readonly profile: Profile;
  /** Instructions that it runs, about, without those of its callees. */
  readonly opcodes: number;
  readonly isMain: boolean;
  readonly isPure: boolean;
  /** Writes and then undoes it all by failing; not by default. */
  readonly isUndone?: boolean;
}

/** Code whose instructions have their operands, nearly always, and whose results show in storage, logs or output. */
export function program(random: Random, options: ProgramOptions): Uint8Array {
  const { kit, profile, isMain, isPure, isUndone = false, opcodes } = options;
  const code = Assembly.begin();
  const scope: Scope = {
    random,
    code,
    kit,
    profile,
    steps: stepsOf(kit, profile, isPure),
    isMain,
    isPure,
    isUndone,
    budget: opcodes,
    nesting: 0,
    results: 0,
    loops: 0,
  };
  if (isUndone) slotHistory(scope);
  // At the beginning, and after all that may have befallen what was given.
  if (!isMain && random.oneIn(2)) readInput(scope);
  while (scope.budget > 0 && !code.isFull) act(scope);
  if (!isMain && random.oneIn(2)) readInput(scope);
  endProgram(scope);
  return code.finish();
}
