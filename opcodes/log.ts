/** 0xa0-0xa4: log records. */

import { chargeMemory } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import type { Handler } from './row.ts';

const BYTE_GAS = 8;

/** LOG0 to LOG4. */
export const log =
  (topicCount: number): Handler =>
  (frame) => {
    const { stack, memory } = frame;
    const sp = (frame.sp -= 2 + topicCount);
    const offset = stack[sp + topicCount + 1]!;
    const size = stack[sp + topicCount]!;
    const halt = chargeMemory(frame, offset, size, Number(size) * BYTE_GAS);
    if (halt !== Halt.Continue) return halt;
    const topics = stack.slice(sp, sp + topicCount).reverse();
    const data = memory.slice(size === 0n ? 0 : Number(offset), Number(size));
    frame.host.log({ address: frame.address, topics, data });
    return Halt.Continue;
  };
