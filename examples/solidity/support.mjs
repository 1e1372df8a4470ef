// Compiles the contracts of this folder, and encodes what they take and give (the Contract ABI Specification).

import { readdirSync, readFileSync } from 'node:fs';
import solc from 'solc';

const list = (folder) =>
  readdirSync(new URL(folder, import.meta.url)).filter((file) => file.endsWith('.sol'));
const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The contracts of this folder by name; `extra` are more sources by path. */
export function compile(extra = {}) {
  const paths = [...list('./'), ...list('./interfaces/').map((file) => `interfaces/${file}`)];
  const sources = Object.fromEntries(paths.map((path) => [path, { content: read(`./${path}`) }]));
  for (const [path, content] of Object.entries(extra)) sources[path] = { content };
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    metadata: { appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.methodIdentifiers'] } },
  };
  const input = JSON.stringify({ language: 'Solidity', sources, settings });
  const { errors = [], contracts } = JSON.parse(solc.compile(input));
  // A warning is a defect here, too.
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const all = Object.values(contracts).flatMap((file) => Object.entries(file));
  return Object.fromEntries(all.map(([name, output]) => [name, contractOf(output)]));
}

function contractOf({ abi, evm: { bytecode, methodIdentifiers } }) {
  const functionOf = (name) => {
    const found = abi.find((entry) => entry.type === 'function' && entry.name === name);
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  };
  return {
    abi,
    /** Init code with the arguments of the constructor. */
    deploy(...args) {
      const { inputs = [] } = abi.find(({ type }) => type === 'constructor') ?? {};
      return `0x${bytecode.object}${encodeAll(inputs, args)}`;
    },
    /** Calldata. */
    encode(name, ...args) {
      const { inputs } = functionOf(name);
      return `0x${methodIdentifiers[`${name}(${inputs.map(typeOf).join()})`]}${encodeAll(inputs, args)}`;
    },
    /** The value that a function gives, or the list of them. */
    decode(name, output) {
      const values = decodeAll(functionOf(name).outputs, output.slice(2));
      return values.length === 1 ? values[0] : values;
    },
  };
}

const typeOf = ({ type, components }) =>
  type.startsWith('tuple') ? `(${components.map(typeOf).join()})${type.slice(5)}` : type;

const word = (value) => BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0');
const digitsOf = (bytes) =>
  typeof bytes === 'string' ? bytes.replace(/^0x/, '') : Buffer.from(bytes).toString('hex');
const padded = (digits) => digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');

/** What stands in an array, or null for what is none. */
function elementOf({ type, ...rest }) {
  const [, element, count] = /^(.*)\[(\d*)\]$/.exec(type) ?? [];
  return element === undefined
    ? null
    : { ...rest, type: element, count: count === '' ? null : Number(count) };
}

function isDynamic(parameter) {
  const element = elementOf(parameter);
  if (element !== null) return element.count === null || isDynamic(element);
  if (parameter.type === 'tuple') return parameter.components.some(isDynamic);
  return parameter.type === 'bytes' || parameter.type === 'string';
}

function encodeOne(parameter, value) {
  const { type, components } = parameter;
  const element = elementOf(parameter);
  if (element !== null) {
    const items = encodeAll(
      value.map(() => element),
      value,
    );
    return element.count === null ? word(value.length) + items : items;
  }
  if (type === 'tuple') return encodeAll(components, value);
  if (type === 'bytes' || type === 'string') {
    const digits = type === 'string' ? Buffer.from(value).toString('hex') : digitsOf(value);
    return word(digits.length / 2) + padded(digits);
  }
  return type.startsWith('bytes') ? padded(digitsOf(value)) : word(value);
}

function encodeAll(parameters, values) {
  if (parameters.length !== values.length) throw new Error(`expected ${parameters.length} arguments`);
  const parts = parameters.map((parameter, i) => encodeOne(parameter, values[i]));
  const inPlace = (i) => !isDynamic(parameters[i]);
  const headLength = parts.reduce((sum, part, i) => sum + (inPlace(i) ? part.length : 64), 0);
  let tail = '';
  const heads = parts.map((part, i) => {
    if (inPlace(i)) return part;
    const head = word((headLength + tail.length) / 2);
    tail += part;
    return head;
  });
  return heads.join('') + tail;
}

const sizeOf = (parameter) => {
  if (isDynamic(parameter)) return 64;
  const element = elementOf(parameter);
  if (element !== null) return element.count * sizeOf(element);
  return parameter.type === 'tuple' ? parameter.components.reduce((sum, each) => sum + sizeOf(each), 0) : 64;
};

function decodeOne(parameter, digits, at) {
  const { type, components } = parameter;
  const number = BigInt(`0x${digits.slice(at, at + 64)}`);
  const element = elementOf(parameter);
  if (element !== null) {
    const count = element.count ?? Number(number);
    return decodeAll(new Array(count).fill(element), digits.slice(element.count === null ? at + 64 : at));
  }
  if (type === 'tuple') return decodeAll(components, digits.slice(at));
  if (type === 'bytes' || type === 'string') {
    const content = digits.slice(at + 64, at + 64 + 2 * Number(number));
    return type === 'bytes' ? `0x${content}` : Buffer.from(content, 'hex').toString();
  }
  if (type === 'bool') return number === 1n;
  if (type === 'address') return `0x${digits.slice(at + 24, at + 64)}`;
  if (type.startsWith('bytes')) return `0x${digits.slice(at, at + 2 * Number(type.slice(5)))}`;
  return number;
}

function decodeAll(parameters, digits) {
  let at = 0;
  return parameters.map((parameter) => {
    const head = at;
    at += sizeOf(parameter);
    return decodeOne(
      parameter,
      digits,
      isDynamic(parameter) ? 2 * Number(`0x${digits.slice(head, head + 64)}`) : head,
    );
  });
}
