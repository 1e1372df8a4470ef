/**
 * Runs blockchain tests and checks everything that a fixture states: the first block, each block or the reason for
 * which it is rejected, the head, and the state that is left.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import type { EngineChoice } from '../../evm/engine-choice.ts';
import {
  type Block,
  type Chain,
  createChain,
  describeInvalidBlock,
  hashHeader,
  type InvalidBlock,
  isInvalidBlock,
} from '../../executor/block/index.ts';
import type { Tracer } from '../../machine/tracer.ts';
import { bytesToHex, type Hex, toHex32 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { MemoryState } from '../../state/readers/memory.ts';
import { HashCache } from '../../state/root.ts';
import { compareState, type Difference } from '../compare.ts';
import type { CaseState, StateFactory } from '../run.ts';
import { acceptedBlockReasons } from './exceptions.ts';
import type { BlockTest, FixtureBlock } from './fixture.ts';
import { parseNetwork } from './network.ts';
import { type BlockNode, BlockTree, upwards } from './tree.ts';

/** Something that a fixture states and that came out otherwise. */
export interface BlockMismatch {
  readonly what: 'genesis' | 'block' | 'rejection' | 'head' | 'state root' | 'state';
  /** Index of the block in the fixture; null where it is about the whole. */
  readonly block: number | null;
  readonly expected: string;
  readonly got: string;
}

/** How one block of a test went. */
export interface BlockRun {
  /** null where the bytes are no block. */
  readonly number: bigint | null;
  readonly accepted: boolean;
  /** 0 where it was rejected. */
  readonly gasUsed: bigint;
  /** Milliseconds to decode, check and run it; 0 without a clock. */
  readonly ms: number;
}

/** How one test went. */
export interface BlockTestResult {
  readonly name: string;
  readonly file: string;
  readonly network: string;
  readonly pass: boolean;
  readonly mismatches: readonly BlockMismatch[];
  /** First differences from the state that must be left; empty where the fixture has none. */
  readonly differences: readonly Difference[];
  /** Of the head. */
  readonly lastBlockHash: Hex;
  readonly stateRoot: Hex;
  /** Gas of all blocks that were accepted. */
  readonly gasUsed: bigint;
  /** In the order of the fixture. */
  readonly blocks: readonly BlockRun[];
}

/** The options of a `BlockTestRunner`. The results are the same with and without each. */
export interface BlockTestOptions {
  /** Sees every step of every block. */
  readonly tracer?: Tracer | undefined;
  /** What runs the code where there is no tracer; `auto` by default. */
  readonly engine?: EngineChoice | undefined;
  /** What signatures and precompiles are computed with; noble's by default. */
  readonly crypto?: Crypto | undefined;
  /** Where the states are kept, read from and changed; in memory by default. */
  readonly stateOf?: StateFactory | undefined;
  /** A clock in milliseconds, where it is asked what each block takes. */
  readonly now?: (() => number) | undefined;
}

const inMemory: StateFactory = (pre, blockHash) => {
  const state = new MemoryState(blockHash);
  for (const [address, account] of pre) state.put(address, account);
  return state;
};

const noClock = (): number => 0;

interface TestChain {
  readonly chain: Chain;
  /** The chain of blocks whose parent has as much total difficulty. */
  readonly merged: { readonly chain: Chain; readonly difficulty: bigint } | null;
  readonly hashes: HashCache;
}

/** Keeps what many tests share: machines by network, and hashed keys. */
export class BlockTestRunner {
  private readonly chains = new Map<string, TestChain>();
  private readonly options: BlockTestOptions;

  constructor(options: BlockTestOptions = {}) {
    this.options = options;
  }

  /**
   * @throws ErbiumError UNKNOWN_FORK, naming the file and the test
   */
  run(test: BlockTest): BlockTestResult {
    return new TestRun(test, this.chainFor(test), this.options).result();
  }

  private chainFor({ file, name, network, chainId, blobSchedule }: BlockTest): TestChain {
    const key = `${network} ${chainId} ${JSON.stringify([...blobSchedule])}`;
    let found = this.chains.get(key);
    if (found === undefined) {
      const { tracer, engine, crypto } = this.options;
      try {
        const { rulesAt, daoBlock, merge } = parseNetwork(network, blobSchedule);
        const shared = { chainId, tracer, engine, crypto };
        const chain = createChain({ ...shared, fork: rulesAt, daoBlock });
        const merged = merge && { chain: createChain({ ...shared, fork: merge.rules }), ...merge };
        found = { chain, merged, hashes: new HashCache() };
      } catch (error) {
        if (!(error instanceof ErbiumError)) throw error;
        throw new ErbiumError(error.code, `${file}: ${name}: ${error.message}`);
      }
      this.chains.set(key, found);
    }
    return found;
  }
}

/** One test on its way. */
class TestRun {
  private readonly test: BlockTest;
  private readonly chain: Chain;
  private readonly merged: TestChain['merged'];
  private readonly hashes: HashCache;
  private readonly stateOf: StateFactory;
  private readonly now: () => number;
  private readonly tree: BlockTree;
  /** The state after `at`. */
  private state: CaseState;
  private at: BlockNode;
  private readonly blocks: BlockRun[] = [];
  private readonly mismatches: BlockMismatch[] = [];

  constructor(
    test: BlockTest,
    { chain, merged, hashes }: TestChain,
    { stateOf = inMemory, now = noClock }: BlockTestOptions,
  ) {
    this.test = test;
    this.chain = chain;
    this.merged = merged;
    this.hashes = hashes;
    this.stateOf = stateOf;
    this.now = now;
    this.tree = new BlockTree(test.genesis);
    this.at = this.tree.root;
    this.state = this.firstState();
  }

  result(): BlockTestResult {
    const { test, tree } = this;
    this.checkGenesis();
    for (const [index, block] of test.blocks.entries()) this.importBlock(block, index);
    this.expect('head', null, toHex32(test.lastBlockHash), toHex32(tree.head.hash));
    this.moveTo(tree.head);
    const stateRoot = this.root();
    if (test.postStateHash !== undefined) {
      this.expect('state root', null, toHex32(test.postStateHash), stateRoot);
    }
    const differences = test.postState === undefined ? [] : compareState(test.postState, this.state);
    if (differences.length > 0) this.expect('state', null, 'as in the fixture', 'different');
    return {
      name: test.name,
      file: test.file,
      network: test.network,
      pass: this.mismatches.length === 0,
      mismatches: this.mismatches,
      differences,
      lastBlockHash: toHex32(tree.head.hash),
      stateRoot,
      gasUsed: this.blocks.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
      blocks: this.blocks,
    };
  }

  private firstState(): CaseState {
    return this.stateOf(this.test.pre, (number) => {
      for (const { block, hash } of upwards(this.at)) if (block.header.number === number) return hash;
      return 0n;
    });
  }

  private root(): Hex {
    return bytesToHex(this.state.root(this.hashes));
  }

  private expect(what: BlockMismatch['what'], block: number | null, expected: string, got: string): void {
    if (expected !== got) this.mismatches.push({ what, block, expected, got });
  }

  private checkGenesis(): void {
    const { genesis, genesisHash, genesisRlp } = this.test;
    this.expect('genesis', null, `hash ${toHex32(genesisHash)}`, `hash ${toHex32(this.tree.root.hash)}`);
    this.expect('genesis', null, `state root ${toHex32(genesis.stateRoot)}`, `state root ${this.root()}`);
    if (genesisRlp === undefined) return;
    const decoded = this.chain.decodeBlock(genesisRlp);
    const got = isInvalidBlock(decoded) ? describeInvalidBlock(decoded) : toHex32(hashHeader(decoded.header));
    this.expect('genesis', null, toHex32(genesisHash), got);
  }

  private importBlock(fixture: FixtureBlock, index: number): void {
    const { expectException } = fixture;
    const outcome = this.timed(fixture.rlp);
    if (isInvalidBlock(outcome)) {
      const accepted = expectException === undefined ? [] : acceptedBlockReasons(expectException);
      if (accepted.includes(outcome.invalid)) return;
      const got = `${outcome.invalid}: ${describeInvalidBlock(outcome)}`;
      this.expect('rejection', index, expectException ?? 'a valid block', got);
    } else if (expectException !== undefined) {
      this.expect('rejection', index, expectException, 'the block was accepted');
    } else if (fixture.hash !== undefined) {
      this.expect('block', index, `hash ${toHex32(fixture.hash)}`, `hash ${toHex32(outcome.hash)}`);
    }
  }

  private timed(rlp: Uint8Array): BlockNode | InvalidBlock {
    const start = this.now();
    const block = this.chain.decodeBlock(rlp);
    const outcome = isInvalidBlock(block) ? block : this.accept(block);
    const accepted = !isInvalidBlock(outcome);
    this.blocks.push({
      number: isInvalidBlock(block) ? null : block.header.number,
      accepted,
      gasUsed: accepted ? outcome.block.header.gasUsed : 0n,
      ms: this.now() - start,
    });
    return outcome;
  }

  private accept(block: Block): BlockNode | InvalidBlock {
    const parent = this.tree.find(block.header.parentHash);
    if (parent === undefined) {
      const detail = toHex32(block.header.parentHash);
      return { invalid: 'UNKNOWN_PARENT', detail, transaction: null };
    }
    this.moveTo(parent);
    const ancestors = this.ancestorsOf(block, parent);
    const result = this.chainAfter(parent).executeBlock(this.state, block, parent.block.header, ancestors);
    if (isInvalidBlock(result)) return result;
    this.state.apply(result.diff);
    this.at = this.tree.add(block, parent, result.diff);
    return this.at;
  }

  private chainAfter({ totalDifficulty }: BlockNode): Chain {
    const { chain, merged } = this;
    return merged !== null && totalDifficulty >= merged.difficulty ? merged.chain : chain;
  }

  private ancestorsOf(block: Block, parent: BlockNode): Block[] {
    if (block.uncles.length === 0) return [];
    return [...upwards(parent)].map((node) => node.block);
  }

  /** Brings the state to that after a block. Another branch starts from the first block again. */
  private moveTo(node: BlockNode): void {
    if (node === this.at) return;
    this.state = this.firstState();
    for (const { diff } of [...upwards(node)].reverse()) this.state.apply(diff);
    this.at = node;
  }
}
