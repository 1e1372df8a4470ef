/**
 * What a run of cases has reached: pairs of instructions that followed one another, and the instructions at which frames
 * halted, with the reason. Programs that are made at random share no places, only instructions: an edge from place to
 * place would be new in each of them.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import { engineHere } from '../evm/engine.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import type { Rules } from '../forks/rules.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft, refillBefore } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { createWasmEngine } from '../wasm/engine.ts';
import type { Notes, Watch } from '../wasm/notes.ts';

const BYTES = 256;
const HALTS = 64;
/** Pairs first, then ends. */
const FEATURES = BYTES * BYTES + BYTES * HALTS;
/** Words that one case may give to the dictionary. */
const MAX_OPERANDS = 64;
/** Places of one case at which its gas is looked at. */
const MAX_PLACES = 64;

/** Instructions whose operands decide where a program goes: LT to EQ. */
const isComparison = (opcode: number): boolean => opcode >= 0x10 && opcode <= 0x14;

/** Watches cases and knows which of them reached something new. */
export class Coverage implements Watch {
  private readonly known = new Uint8Array(FEATURES);
  private readonly seen = new Uint8Array(FEATURES);
  /** The first `count` hold which of `seen` are set. */
  private readonly list = new Uint32Array(FEATURES);
  private count = 0;
  private total = 0;
  private compared: bigint[] = [];
  private left: bigint[] = [];
  private executed = 0;
  private called = 0;
  /** Of the engines whose loops note what they come by. */
  private readonly notes: Notes[] = [];
  private readonly choice: EngineChoice;

  /** @param choice what runs the cases; what is seen is the same */
  constructor(choice: EngineChoice = 'auto') {
    this.choice = choice;
  }

  /** How much has been reached. */
  get features(): number {
    return this.total;
  }

  /** Instructions of the case at hand. */
  get steps(): number {
    return this.notes.reduce((sum, { steps }) => sum + steps, this.executed);
  }

  /** Calls and creations of the case at hand. */
  get calls(): number {
    return this.called;
  }

  /** Words that the case at hand compared. */
  get operands(): readonly bigint[] {
    const all = this.notes.flatMap((notes) => notes.operands());
    return this.compared.concat(all).slice(0, MAX_OPERANDS);
  }

  /** Gas that the outermost frame of the case at hand had left where it reached something new. */
  get gasLeft(): readonly bigint[] {
    return this.left;
  }

  /** Before a case. */
  begin(): void {
    const { list, seen } = this;
    for (let i = 0; i < this.count; i++) seen[list[i]!] = 0;
    this.count = 0;
    this.left = [];
    this.executed = 0;
    this.called = 0;
    this.compared = [];
    for (const notes of this.notes) notes.reset();
  }

  /** After a case: takes up what it reached, and says how much of that was new. */
  take(): number {
    const { list, known } = this;
    let fresh = 0;
    for (let i = 0; i < this.count; i++) {
      const feature = list[i]!;
      if (known[feature] !== 0) continue;
      known[feature] = 1;
      fresh++;
    }
    this.total += fresh;
    return fresh;
  }

  /** For a machine that runs the cases: an engine that tells of what it comes by. */
  engine(table: OpTable, rules: Rules): Engine {
    const reference = this.reference(table);
    if (engineHere(this.choice) === 'bigint') return reference;
    const engine = createWasmEngine(table, rules, reference, this);
    if (engine?.notes !== undefined) this.notes.push(engine.notes);
    return engine ?? reference;
  }

  /** The loop of the interpreter, which also marks what it comes by. With the hooks of a tracer, cases took a tenth longer. */
  reference({ gas, minStack, maxStack, handlers, staticHandlers }: OpTable): Engine {
    return {
      run: (frame) => {
        const handlersOf = frame.isStatic ? staticHandlers : handlers;
        const code = frame.code.padded;
        for (let opcode = code[frame.pc]!; ; ) {
          this.executed++;
          if (isComparison(opcode)) this.compare(frame);
          frame.pc++;
          const { sp } = frame;
          let halt: Halt = Halt.Continue;
          if (sp < minStack[opcode]!) halt = Halt.StackUnderflow;
          else if (sp > maxStack[opcode]!) halt = Halt.StackOverflow;
          else if ((frame.gas -= gas[opcode]!) < 0) halt = refillBefore(frame, gas[opcode]!);
          if (halt === Halt.Continue) halt = handlersOf[opcode]!(frame);
          if (halt !== Halt.Continue) {
            this.end(opcode, halt);
            return halt;
          }
          const next = code[frame.pc]!;
          const pair = opcode * BYTES + next;
          if (this.seen[pair] === 0) this.pair(pair, frame, gasLeft(frame));
          opcode = next;
        }
      },
    };
  }

  pair(pair: number, { depth }: Frame, gas: bigint): void {
    if (!this.mark(pair)) return;
    // To look at all that is new in the case took 4 percent of its time; what is new at all is rare.
    if (this.known[pair] === 0 && depth === 0 && this.left.length < MAX_PLACES) this.left.push(gas);
  }

  end(opcode: number, halt: Halt): void {
    if (halt === Halt.Call || halt === Halt.Create) this.called++;
    // Where it pauses is a matter of time.
    if (halt !== Halt.HostInterrupt) this.mark(BYTES * BYTES + opcode * HALTS + halt);
  }

  private compare({ stack, sp }: Frame): void {
    if (sp < 2 || this.compared.length >= MAX_OPERANDS) return;
    this.compared.push(stack[sp - 1]!, stack[sp - 2]!);
  }

  /** Whether it is the first time in the case. */
  private mark(feature: number): boolean {
    if (this.seen[feature] !== 0) return false;
    this.seen[feature] = 1;
    this.list[this.count++] = feature;
    return true;
  }
}
