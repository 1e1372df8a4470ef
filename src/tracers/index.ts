/** Door: tracers, and the hooks for one's own. */

export type { FrameEnd, RunEnd, RunStart, Tracer } from '../machine/tracer.ts';
export {
  type CodeHole,
  type CompiledCode,
  type LocatedCode,
  readBuildInfo,
  readSolcOutput,
  SolcOutput,
  type SourceSpot,
} from '../primitives/solc-output.ts';
export { MappedCode, type SourcePlace, type SourceRange, SourceText } from '../primitives/source-map.ts';
export { type AccountAccess, accessTracer, type StorageAccess } from './access.ts';
export { type CallFrame, type CallLog, type CallTracerOptions, callTracer } from './call.ts';
export { combine } from './combine.ts';
export { type CodeCoverage, type CoverageTracer, coverageTracer } from './coverage.ts';
export { type Eip3155Options, type Eip3155Tracer, eip3155Tracer } from './eip3155.ts';
export { type FlameGraphOptions, flameGraph } from './flame-graph.ts';
export {
  type FlatCallAction,
  type FlatCallFrame,
  type FlatCallPlace,
  type FlatCallResult,
  type FlatCallTracerOptions,
  flatCallTracer,
} from './flat-call.ts';
export { fourByteTracer } from './four-byte.ts';
export { type GasProfile, type GasProfileOptions, gasProfile, type ProfileNode } from './gas-profile.ts';
export { type LcovReport, lcovReport } from './lcov.ts';
export { opcodeCountTracer } from './opcode-counts.ts';
export {
  type Prestate,
  type PrestateAccount,
  type PrestateDiff,
  type PrestateTracerOptions,
  prestateTracer,
} from './prestate.ts';
export type { LimitOption, ResultTracer } from './result.ts';
export {
  type StructLog,
  type StructLogResult,
  type StructLogTracer,
  type StructLogTracerOptions,
  structLogTracer,
} from './struct-log.ts';
