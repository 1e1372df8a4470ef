/** Door: tracers, and the hooks for one's own. */

export type { FrameEnd, Tracer } from '../machine/tracer.ts';
export { type Eip3155Options, type Eip3155Tracer, eip3155Tracer } from './eip3155.ts';
