/** Prints how long the first call of an extension takes, which stands on standard input with what it is given. */

import { readFileSync } from 'node:fs';
import { EXTENSION_SETS, loadExtensions } from '../../precompiles/ext/index.ts';
import { nobleCrypto } from '../../precompiles/index.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import { median } from '../measure.ts';
import type { FirstCallTask, FirstCallTimes } from './first-call.ts';
import { glance } from './measure.ts';
import { operationOf, RULES } from './operation.ts';
import { standardSamples } from './standard.ts';

const WARM_UP_RUNS = 300;

const { name, input } = JSON.parse(readFileSync(0, 'utf8')) as FirstCallTask;
const row = (await loadExtensions(EXTENSION_SETS)).find((other) => other.name === name);
if (row === undefined) throw new Error(`no extension ${name}`);
const bytes = hexToBytes(input);

const ecrecover = operationOf('standard', standardSamples(['ECRECOVER'])[0]!);
const runs = Array.from({ length: WARM_UP_RUNS }, () => glance(ecrecover.run));

let output: Uint8Array | null = null;
const first = glance(() => (output = row.run(bytes, nobleCrypto, RULES)));
const times: FirstCallTimes =
  output === null ? null : { first, ecrecover: median(runs.slice(WARM_UP_RUNS / 2)) };
console.log(JSON.stringify(times));
