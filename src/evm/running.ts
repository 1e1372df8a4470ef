/** A message whose frame has started, and what is needed to end it. */

import type { Code } from '../machine/code.ts';
import type { Frame } from '../machine/frame.ts';
import type { Message } from '../machine/message.ts';
import type { Context } from './context.ts';

export class Running {
  readonly message: Message;
  readonly frame: Frame;
  /** Where the journal stood before the message's first effect that a failure undoes. */
  readonly checkpoint: number;

  constructor(message: Message, frame: Frame, checkpoint: number) {
    this.message = message;
    this.frame = frame;
    this.checkpoint = checkpoint;
  }
}

export const start = (
  context: Context,
  message: Message,
  code: Code,
  input: Uint8Array,
  checkpoint: number,
): Running => new Running(message, context.frames.take(context, message, code, input), checkpoint);
