/** `createEVM` and `EVM` in the shape of `@ethereumjs/evm`: the options, and what runs share. */

import { ENGINE_CHOICES, type EngineChoice } from '../evm/engine-choice.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type BlockchainLike, EVMMockBlockchain } from './block.ts';
import { type EVMRunCallOpts, type EVMRunCodeOpts, planCall, planCode } from './call.ts';
import { demandObject, refuse } from './errors.ts';
import { Events } from './events.ts';
import { type CommonLike, commonFrom, type ForkSettings, rulesFor } from './hardfork.ts';
import { Journal } from './journal.ts';
import { Machines } from './machines.ts';
import { type CustomPrecompile, CustomPrecompiles, functionOf, type PrecompileFunc } from './precompiles.ts';
import type { EVMResult, ExecResult } from './result.ts';
import { inTurn, type Session } from './session.ts';
import { SimpleStateManager } from './state-manager.ts';
import type { EVMEvents } from './step.ts';
import { type AddressLike, addressFrom, addressKey } from './values.ts';

/** The options of `createEVM`. */
export interface EVMOpts extends ForkSettings {
  /** A `Common` of `@ethereumjs/common`, or `hardfork` and `chainId` in its place. */
  readonly common?: CommonLike | undefined;
  /** One of this door; a new one by default. */
  readonly stateManager?: SimpleStateManager | undefined;
  /** Answers BLOCKHASH; without it, the state of the state manager does. */
  readonly blockchain?: BlockchainLike | undefined;
  readonly allowUnlimitedContractSize?: boolean | undefined;
  readonly allowUnlimitedInitCodeSize?: boolean | undefined;
  readonly customPrecompiles?: readonly CustomPrecompile[] | undefined;
  /** Asked now and then during a run; true ends it, and its promise rejects with ABORTED. Not in that library. */
  readonly interrupted?: (() => boolean) | undefined;
  /** What runs the code where nobody listens to steps; `auto` by default. Not in that library. */
  readonly engine?: EngineChoice | undefined;
}

const OWN_CRYPTO = 'Erbium brings its own; give crypto to createEvm of erbium to replace it';

const NOT_SUPPORTED = {
  customOpcodes: 'give opcodes to createEvm of erbium',
  params: 'give hardfork: customFork(name, rules, changes)',
  bls: OWN_CRYPTO,
  bn254: OWN_CRYPTO,
  blockLevelAccessList: 'no hardfork that Erbium knows has one',
  cliqueSigner: 'set the coinbase of the block',
};

function checkOptions(opts: EVMOpts): void {
  demandObject(opts, 'options');
  refuse(opts, NOT_SUPPORTED);
  const { profiler } = opts as { profiler?: { enabled?: boolean } };
  refuse({ profiler: profiler?.enabled }, { profiler: 'use a tracer with createEvm of erbium' });
  const { stateManager, blockchain, interrupted, engine } = opts;
  const report = (words: string): never => {
    throw new ErbiumError('INVALID_ARGUMENT', words);
  };
  if (stateManager !== undefined && !(stateManager instanceof SimpleStateManager)) {
    report('stateManager: expected a SimpleStateManager of erbium/ethereumjs: the core is synchronous');
  }
  if (blockchain !== undefined && typeof blockchain?.getBlock !== 'function') {
    report('blockchain: expected an object with getBlock()');
  }
  if (interrupted !== undefined && typeof interrupted !== 'function')
    report('interrupted: expected a function');
  if (engine !== undefined && !ENGINE_CHOICES.includes(engine)) {
    report(`engine: expected ${ENGINE_CHOICES.join(', ')}`);
  }
}

/** An EVM in the shape of `@ethereumjs/evm`. */
export class EVM {
  readonly common: CommonLike;
  readonly stateManager: SimpleStateManager;
  readonly blockchain: BlockchainLike;
  readonly journal: Journal;
  readonly events: Events<EVMEvents<SimpleStateManager>> = new Events();
  readonly allowUnlimitedContractSize: boolean;
  readonly allowUnlimitedInitCodeSize: boolean;
  /** For the functions of this door. */
  readonly session: Session;
  private readonly opts: EVMOpts;

  /** @throws ErbiumError INVALID_ARGUMENT naming the option, or UNKNOWN_FORK */
  constructor(opts: EVMOpts = {}) {
    checkOptions(opts);
    this.opts = opts;
    this.common = commonFrom(opts.common, opts);
    this.stateManager = opts.stateManager ?? new SimpleStateManager();
    this.blockchain = opts.blockchain ?? new EVMMockBlockchain();
    this.journal = new Journal(this.stateManager);
    this.allowUnlimitedContractSize = opts.allowUnlimitedContractSize ?? false;
    this.allowUnlimitedInitCodeSize = opts.allowUnlimitedInitCodeSize ?? false;
    const { common, stateManager, journal, events } = this;
    const custom = new CustomPrecompiles(opts.customPrecompiles ?? [], { common, _EVM: this });
    const machines = new Machines({
      unlimitedCode: this.allowUnlimitedContractSize,
      unlimitedInitCode: this.allowUnlimitedInitCodeSize,
      custom,
      engine: opts.engine,
    });
    const { blockchain } = opts;
    const hasHashes = blockchain !== undefined && !(blockchain instanceof EVMMockBlockchain);
    this.session = {
      common,
      machines,
      custom,
      events,
      stateManager,
      journal,
      blockchain: hasHashes ? blockchain : null,
      interrupted: opts.interrupted,
    };
  }

  /**
   * Runs a call, or without `to` a creation, and keeps what it changed. How it ended is in the result.
   * @throws (as a rejection) ErbiumError naming the option that is wrong, or whatever a listener threw; the state is
   * then as before
   */
  async runCall(opts: EVMRunCallOpts): Promise<EVMResult> {
    const { diff: _, ...result } = await inTurn(this.session, planCall(this.session, opts));
    return result;
  }

  /**
   * Runs code at `to`, without a transfer, and keeps what it changed unless it failed.
   * @throws as `runCall`
   */
  async runCode(opts: EVMRunCodeOpts): Promise<ExecResult> {
    return (await inTurn(this.session, planCode(this.session, opts))).execResult;
  }

  /** The active precompiles, by 40 digits. */
  get precompiles(): ReadonlyMap<string, PrecompileFunc> {
    const { machine } = this.session.machines.of(rulesFor(this.common));
    return new Map(
      [...machine.precompiles].map(([address, row]) => [
        addressKey(address).slice(2),
        functionOf(row, machine.rules),
      ]),
    );
  }

  getPrecompile(address: AddressLike): PrecompileFunc | undefined {
    return this.precompiles.get(addressKey(addressFrom(address, 'address')).slice(2));
  }

  /** An EVM with the same options over a copy of the state. */
  shallowCopy(): EVM {
    return new EVM({ ...this.opts, stateManager: this.stateManager.shallowCopy() });
  }
}

/** @throws (as a rejection) ErbiumError INVALID_ARGUMENT naming the option, or UNKNOWN_FORK */
export const createEVM = async (opts: EVMOpts = {}): Promise<EVM> => new EVM(opts);

/** The precompiles that are active by the hardfork of a `Common`, by 40 digits. */
export const getActivePrecompiles = (
  common: CommonLike,
  customPrecompiles: readonly CustomPrecompile[] = [],
): ReadonlyMap<string, PrecompileFunc> => new EVM({ common, customPrecompiles }).precompiles;
