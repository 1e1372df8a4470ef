/**
 * Work that pauses where the host interrupts. It yields there, and is told whether to stop for good: a synchronous
 * owner always says so, an asynchronous one lets others run and goes on.
 */

import type { Message } from '../machine/message.ts';
import type { Context } from './context.ts';
import type { MessageResult } from './result.ts';
import { Execution } from './run.ts';

/** Takes true to stop, false to go on. Yields what has paused, for a debugger to look into. */
export type Paused<T> = Generator<Execution, T, boolean>;

/** A message as such work. */
export function* running(context: Context, message: Message): Paused<MessageResult> {
  const execution = new Execution(context, message);
  for (;;) {
    const result = execution.advance();
    if (result !== null) return result;
    if (yield execution) return execution.abandon();
  }
}

/** Does the work at once; an interruption ends it. */
export function finish<T>(work: Paused<T>): T {
  let step = work.next(false);
  while (!step.done) step = work.next(true);
  return step.value;
}
