// Four ways to end a run that does not end by itself. None of them throws, but for the signal, which is the way of
// signals; and none is an outcome of the EVM: the status is `limit`.

import { createEvm } from 'erbium';

// JUMPDEST PUSH0 JUMP: an endless loop, with gas for centuries.
const loop = '0x5b5f56';
const gas = 2n ** 64n - 1n;

const evm = createEvm();

// After a time.
const late = evm.execute(loop, { gas, timeout: 50 });
console.log(late.status, late.reason);

// After a number of instructions: the same on every machine.
const counted = createEvm({ maxSteps: 1_000 }).execute(loop, { gas });
console.log(counted.status, counted.reason, counted.gasUsed);

// When the host says so, which is asked now and then.
let asked = 0;
const interrupted = createEvm({ interrupted: () => ++asked > 3 }).execute(loop, { gas });
console.log(interrupted.status, interrupted.reason);

// From outside: `evm.async` gives way to timers and events while it runs.
const controller = new AbortController();
let ticks = 0;
const timer = setInterval(() => {
  if (++ticks === 3) controller.abort();
}, 10);
try {
  await evm.async.execute(loop, { gas, signal: controller.signal });
} catch (error) {
  console.log(error.code, error.message);
}
clearInterval(timer);
console.log(ticks, 'ticks of a timer meanwhile');

// Prints:
//   limit host limit: timeout of 50 ms
//   limit host limit: 1000 steps 3664n
//   limit host limit: interrupted
//   ABORTED the operation was aborted by its signal
//   3 ticks of a timer meanwhile
