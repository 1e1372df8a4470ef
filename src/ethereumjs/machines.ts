/** Machines by rules: what the options of an EVM make of them, and the view of one run. */

import { type OpTable, opTableOf } from '../../opcodes/optable.ts';
import type { Machine } from '../evm/context.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import type { WorldHost } from '../evm/host.ts';
import { createMachine } from '../evm/machine.ts';
import type { Rules } from '../forks/rules.ts';
import { createTracedInterpreter } from '../interpreter/traced.ts';
import { isCreation } from '../machine/message.ts';
import type { FrameEnd, Tracer } from '../machine/tracer.ts';
import type { World } from '../state/world.ts';
import type { AccessListBuilder } from './access-list.ts';
import type { CustomPrecompiles } from './precompiles.ts';
import { Watch, type WatchOptions } from './watch.ts';

export interface Kit {
  readonly machine: Machine;
  readonly table: OpTable;
}

export interface MachineSettings {
  readonly unlimitedCode: boolean;
  readonly unlimitedInitCode: boolean;
  readonly custom: CustomPrecompiles;
  readonly engine: EngineChoice | undefined;
}

export class Machines {
  private readonly kits = new Map<Rules, Kit>();
  private readonly settings: MachineSettings;

  constructor(settings: MachineSettings) {
    this.settings = settings;
  }

  of(given: Rules): Kit {
    let kit = this.kits.get(given);
    if (kit === undefined) {
      kit = this.make(given);
      this.kits.set(given, kit);
    }
    return kit;
  }

  private make(given: Rules): Kit {
    const { unlimitedCode, unlimitedInitCode, custom, engine } = this.settings;
    const rules: Rules = Object.freeze({
      ...given,
      ...(unlimitedCode ? { maxCodeSize: Number.POSITIVE_INFINITY } : {}),
      ...(unlimitedInitCode ? { maxInitCodeSize: Number.POSITIVE_INFINITY } : {}),
    });
    const machine = createMachine({ rules, precompiles: custom.rows, engine });
    const precompiles = new Map(machine.precompiles);
    for (const address of custom.removed) precompiles.delete(address);
    return { machine: { ...machine, precompiles }, table: opTableOf(rules) };
  }
}

/** What one run is looked at with. */
export interface View {
  readonly machine: Machine;
  readonly watch: Watch;
  /** Gas that the outermost message used. */
  gasUsed: bigint;
}

/** Who is told of what happens; the parts of a tracer, and where frames start. */
export interface Listening extends Required<Pick<Tracer, 'enter' | 'exit'>> {
  readonly step: Tracer['step'] | undefined;
  started(): void;
}

export interface ViewOptions {
  readonly custom: CustomPrecompiles;
  readonly events: Listening | null;
  readonly accessList: AccessListBuilder | null;
  readonly watch: WatchOptions;
  /** Called with the world of the run as soon as a frame starts. */
  show(world: World): void;
}

/** A machine for one run. Only for steps it takes the slower, traced engine. */
export function viewOf({ machine, table }: Kit, options: ViewOptions): View {
  const { custom, events, accessList, show } = options;
  const step = events?.step;
  const isTraced = step !== undefined || accessList !== null;
  const engine = !isTraced
    ? machine.engine
    : createTracedInterpreter(table, {
        step(frame, opcode) {
          accessList?.step(frame, opcode);
          step?.(frame, opcode);
        },
      });
  const watch = new Watch(engine, {
    ...options.watch,
    started(frame) {
      show((frame.host as WorldHost).world);
      events?.started();
    },
  });
  let depth = 0;
  const tracer: Tracer = {
    enter(message) {
      depth++;
      custom.gasLimit = message.gas;
      custom.failure = undefined;
      if (isCreation(message)) accessList?.add(message.address);
      events?.enter(message);
    },
    exit(end: FrameEnd) {
      if (--depth === 0) view.gasUsed = end.gasUsed;
      events?.exit(end);
    },
  };
  const view: View = { machine: { ...machine, engine: watch, tracer }, watch, gasUsed: 0n };
  return view;
}
