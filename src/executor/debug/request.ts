/** What `evm.debug` is asked for, as work that changes nothing. */

import { isBytes } from '../../primitives/bytes.ts';
import {
  attempt,
  call,
  create,
  type Environment,
  execute,
  type Operation,
  resolve,
  type TransactionInput,
} from '../operations.ts';
import { rejected, transactionResult } from '../outcome.ts';
import { isInvalid } from '../reasons.ts';
import { checkFields, checkLimits, FIELDS, isObject, type OperationOptions } from '../request.ts';
import type { DebugRequest } from './api.ts';
import type { DebugResult } from './track.ts';

export type Plan = (env: Environment) => Operation<DebugResult>;

/**
 * The operation that a request is for, and what in it names accounts and slots.
 * @throws ErbiumError INVALID_ARGUMENT naming the field
 */
export function planOf(request: DebugRequest): { readonly plan: Plan; readonly named: unknown } {
  if (isObject(request) && !isBytes(request)) {
    if ('call' in request) {
      checkFields(request, 'request', ['call']);
      const options = checked(request.call, FIELDS.call);
      return { plan: (env) => call(env, options), named: options };
    }
    if ('create' in request) {
      checkFields(request, 'request', ['create']);
      const options = checked(request.create, FIELDS.create);
      return { plan: (env) => create(env, options), named: options };
    }
    if ('execute' in request) {
      checkFields(request, 'request', ['execute', 'options']);
      const { execute: code } = request;
      const options = checked(request.options ?? {}, FIELDS.execute);
      return { plan: (env) => execute(env, code, options), named: options };
    }
  }
  return { plan: (env) => transacting(env, request), named: request };
}

function checked<O extends OperationOptions>(options: O, fields: readonly string[]): O {
  checkFields(options, 'request', fields);
  checkLimits(options);
  return options;
}

function* transacting(env: Environment, input: TransactionInput): Operation<DebugResult> {
  const resolved = resolve(env, input);
  if (isInvalid(resolved)) return { value: rejected(resolved), keep: null };
  const outcome = yield* attempt(env, resolved.tx, resolved.from, resolved.checks);
  if (isInvalid(outcome)) return { value: rejected(outcome), keep: null };
  return { value: transactionResult(outcome, env), keep: null };
}
