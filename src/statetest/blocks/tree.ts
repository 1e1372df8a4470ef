/**
 * The blocks that were accepted, as a tree, and which of them is the head. A chain with more total difficulty wins;
 * without difficulty the newest block does, since no consensus layer is there to say otherwise.
 */

import { type Block, type Header, hashHeader } from '../../executor/block/index.ts';
import type { StateDiff } from '../../state/diff.ts';

/** A block in its chain. */
export interface BlockNode {
  readonly block: Block;
  readonly hash: bigint;
  readonly parent: BlockNode | null;
  /** Changes of the parent's state. */
  readonly diff: StateDiff;
  readonly totalDifficulty: bigint;
}

const NO_CHANGES: StateDiff = new Map();

/** The blocks of one test. */
export class BlockTree {
  readonly root: BlockNode;
  head: BlockNode;
  private readonly nodes = new Map<bigint, BlockNode>();

  constructor(genesis: Header) {
    const block: Block = { header: genesis, transactions: [], uncles: [], withdrawals: null };
    this.root = {
      block,
      hash: hashHeader(genesis),
      parent: null,
      diff: NO_CHANGES,
      totalDifficulty: genesis.difficulty,
    };
    this.nodes.set(this.root.hash, this.root);
    this.head = this.root;
  }

  find(hash: bigint): BlockNode | undefined {
    return this.nodes.get(hash);
  }

  add(block: Block, parent: BlockNode, diff: StateDiff): BlockNode {
    const { difficulty } = block.header;
    const totalDifficulty = parent.totalDifficulty + difficulty;
    const node: BlockNode = { block, hash: hashHeader(block.header), parent, diff, totalDifficulty };
    this.nodes.set(node.hash, node);
    const isMore = totalDifficulty > this.head.totalDifficulty;
    if (isMore || (difficulty === 0n && totalDifficulty === this.head.totalDifficulty)) this.head = node;
    return node;
  }
}

/** A block and those before it, the newest first. */
export function* upwards(node: BlockNode): Iterable<BlockNode> {
  for (let at: BlockNode | null = node; at !== null; at = at.parent) yield at;
}
