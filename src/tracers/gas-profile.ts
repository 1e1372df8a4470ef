/**
 * Where the gas went: a tree of calls with the gas of each instruction below the frame that ran it, as folded stacks that
 * `flamegraph.pl` and its kin read. The picture is drawn in `flame-graph.ts`.
 *
 * The sum over the tree is the gas used before refunds. Gas is counted in numbers, which round beyond 2^53.
 */

import { type PrecompileSet, precompilesOf } from '../../precompiles/registry.ts';
import type { Frame } from '../machine/frame.ts';
import { HALT_WORDS, Halt, isSuccess } from '../machine/halt.ts';
import type { Host } from '../machine/host.ts';
import { isCreation, type Message, MessageKind } from '../machine/message.ts';
import type { FrameEnd, RunEnd, RunStart, Tracer } from '../machine/tracer.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import type { SolcOutput } from '../primitives/solc-output.ts';
import { opcodeName } from './opcode-counts.ts';
import { Budget, type LimitOption } from './result.ts';

/** The options of `gasProfile`. */
export interface GasProfileOptions extends LimitOption {
  /** Names contracts and functions. */
  readonly solc?: SolcOutput | undefined;
}

/** A call, or an instruction in it. */
export interface ProfileNode {
  readonly name: string;
  readonly kind: 'run' | 'call' | 'opcode' | 'other';
  /** Gas of its own, without what is below. */
  readonly self: number;
  /** How many calls or instructions are counted here. */
  readonly count: number;
  readonly children: ReadonlyMap<string, ProfileNode>;
}

/** A tracer that adds up gas. */
export interface GasProfile extends Tracer {
  /** The gas of all runs so far. */
  readonly root: ProfileNode;
  /** Gas that was given back. */
  readonly refunded: number;
  readonly limitMet: string | null;
  /** Lines `frame;frame;frame gas`, without line feeds. */
  folded(): Iterable<string>;
}

/** Adds up the gas of the runs that it sees. */
export const gasProfile = (options: GasProfileOptions = {}): GasProfile => new Profile(options);

/** What a node takes, beside the names on the way to it. */
const NODE_BYTES = 200;
const SELECTOR = 4;

class Node implements ProfileNode {
  readonly name: string;
  readonly kind: ProfileNode['kind'];
  /** Characters of all names on the way here. */
  readonly path: number;
  self = 0;
  count = 0;
  readonly children = new Map<string, Node>();

  constructor(name: string, kind: ProfileNode['kind'], path: number) {
    this.name = name;
    this.kind = kind;
    this.path = path;
  }
}

/** A call that runs. */
interface Open {
  readonly node: Node;
  readonly message: Message;
  /** Gas that is accounted for. */
  known: number;
  /** The instruction that ran last; it may turn out to have paid for a child. */
  last: Node | null;
}

class Profile implements GasProfile {
  readonly root = new Node('all', 'run', 3);
  refunded = 0;
  private readonly solc: SolcOutput | undefined;
  private readonly budget: Budget;
  private open: Open[] = [];
  private precompiles: PrecompileSet = new Map();
  private host: Host | null = null;
  private gasLimit = 0;
  /** Of the run, before refunds. */
  private spent = 0;

  constructor({ solc, ...limit }: GasProfileOptions) {
    this.solc = solc;
    this.budget = new Budget(limit);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  begin({ host, rules, gas }: RunStart): void {
    this.host = host;
    this.precompiles = precompilesOf(rules, []);
    this.gasLimit = Number(gas);
    this.open = [];
    this.root.count++;
  }

  enter(message: Message): void {
    const gas = Number(message.gas);
    const parent = this.open[this.open.length - 1];
    if (parent === undefined) {
      this.spent = this.gasLimit - gas;
      this.add(this.root, '(intrinsic gas)', 'other', this.spent);
    } else if (parent.last !== null) {
      // The instruction paid for the child, stipend and all, which is counted as the child's; what it leaves comes back.
      parent.last.self -= gas;
      parent.known -= gas;
    }
    const node = this.child(parent?.node ?? this.root, this.nameOf(message), 'call');
    node.count++;
    this.open.push({ node, message, known: 0, last: null });
  }

  private nameOf(message: Message): string {
    const { kind, codeAddress, input } = message;
    if (isCreation(message)) {
      const name = this.contractOf(input)?.name ?? addressToHex(message.address);
      return `${kind} ${name}`;
    }
    const prefix = kind === MessageKind.Call ? '' : `${kind} `;
    const precompile = this.precompiles.get(codeAddress);
    if (precompile !== undefined) return `${prefix}${precompile.name}`;
    const selector = input.length < SELECTOR ? '' : bytesToHex(input.subarray(0, SELECTOR));
    const compiled = this.host === null ? undefined : this.contractOf(this.host.code(codeAddress).bytes);
    if (compiled === undefined) return `${prefix}${addressToHex(codeAddress)}${selector && `.${selector}`}`;
    const signature = compiled.functions.get(selector) ?? (selector === '' ? 'receive' : 'fallback');
    return `${prefix}${compiled.name}.${signature}`;
  }

  private contractOf(code: Uint8Array): { name: string; functions: ReadonlyMap<string, string> } | undefined {
    const compiled = code.length === 0 ? undefined : this.solc?.find(code)?.compiled;
    if (compiled === undefined) return undefined;
    return { name: compiled.name.slice(compiled.name.lastIndexOf(':') + 1), functions: compiled.functions };
  }

  private child(parent: Node, name: string, kind: ProfileNode['kind']): Node {
    let node = parent.children.get(name);
    if (node === undefined) {
      const path = parent.path + 1 + name.length;
      const fits = this.budget.take(NODE_BYTES + path, 'calls with names of their own');
      // Once for each parent, so that the sums stay right.
      if (!fits && name !== MORE) return this.child(parent, MORE, 'other');
      node = new Node(name, kind, path);
      parent.children.set(name, node);
    }
    return node;
  }

  private add(parent: Node, name: string, kind: ProfileNode['kind'], gas: number): Node {
    const node = this.child(parent, name, kind);
    node.self += gas;
    node.count++;
    return node;
  }

  stepEnd(_frame: Frame, opcode: number, _pc: number, _gas: number, cost: number, halt: Halt): void {
    const open = this.open[this.open.length - 1]!;
    // What an instruction that fails would have taken, nobody has paid; all that is left burns.
    if (halt > Halt.Revert) return;
    open.last = this.add(open.node, opcodeName(opcode), 'opcode', cost);
    open.known += cost;
  }

  exit({ halt, gasUsed }: FrameEnd): void {
    const { node, message, known } = this.open.pop()!;
    const used = Number(gasUsed);
    const rest = used - known;
    if (!isSuccess(halt)) {
      if (rest > 0) this.add(node, `(burnt: ${HALT_WORDS[halt]})`, 'other', rest);
    } else if (isCreation(message)) {
      if (rest > 0) this.add(node, '(code deposit)', 'other', rest);
    } else {
      // A precompile has no instructions.
      node.self += rest;
    }
    const parent = this.open[this.open.length - 1];
    if (parent === undefined) this.spent += used;
    else parent.known += used;
  }

  end({ gasUsed }: RunEnd): void {
    const paid = Number(gasUsed);
    if (paid > this.spent) this.add(this.root, '(floor for calldata)', 'other', paid - this.spent);
    else this.refunded += this.spent - paid;
    this.host = null;
  }

  *folded(): Iterable<string> {
    yield* foldedBelow(this.root, '');
  }
}

const MORE = '(more)';

function* foldedBelow(node: Node, above: string): Iterable<string> {
  const path = above === '' ? node.name : `${above};${node.name}`;
  if (node.self > 0) yield `${path} ${node.self}`;
  for (const child of node.children.values()) yield* foldedBelow(child, path);
}
