/**
 * The rules of the house as a function of file names and sources, so that a test can show it a house that
 * breaks them.
 */

/** Rooms from the foundation up. Rooms of one floor do not import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['primitives'],
  ['forks'],
  ['machine', 'state'],
  ['opcodes', 'precompiles'],
  ['interpreter', 'wasm'],
  ['evm'],
  ['executor', 'tracers'],
  ['statetest', 'fuzz', 'ethereumjs', 'testing'],
  ['index'],
  ['cli'],
];

const LINE_LIMIT = 400;
const LONG_FILES: readonly string[] = ['opcodes/table.ts'];

const CORE_PACKAGES: readonly string[] = ['@noble/curves', '@noble/hashes'];
const STORE_PACKAGES: readonly string[] = ['lmdb'];
const CLI_PACKAGES: readonly string[] = ['commander', 'cli-progress', 'tar-stream', 'snarkjs', 'circom2'];
/** What `erbium fuzz` compares with. */
const RIVAL_PACKAGES = /^@ethereumjs\//;
/** Behind a door of their own, for those who have the package. */
const ABI_PACKAGES: readonly string[] = ['viem'];
const EXTENSION_PACKAGES: readonly string[] = ['@noble/post-quantum', 'node-seal', 'mcl-wasm'];

const FORK_NAMES =
  'Frontier|Homestead|TangerineWhistle|SpuriousDragon|Byzantium|Constantinople|ConstantinopleFix|Petersburg|Istanbul|MuirGlacier|Berlin|London|ArrowGlacier|GrayGlacier|Paris|Merge|Shanghai|Cancun|Prague|Osaka|BPO[1-9]|Amsterdam|EIP150|EIP158';

const levelOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));

/** The room of a file, or undefined where it has none. */
export function roomOf(path: string): string | undefined {
  const [first, second, third] = path.split('/');
  if (first === 'opcodes' || first === 'precompiles') return first;
  if (first !== 'src' || second === undefined) return undefined;
  const room = third === undefined ? second.replace(/\.ts$/, '') : second;
  return levelOf(room) >= 0 ? room : undefined;
}

interface Token {
  readonly kind: 'code' | 'text';
  readonly text: string;
}

/** Splits a source into code and the contents of strings; comments and regular expressions are dropped. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  const part =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`|(?<=[=(,:[!&|?{};]\s*|return\s+)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  let at = 0;
  for (const match of source.matchAll(part)) {
    if (match.index > at) found.push({ kind: 'code', text: source.slice(at, match.index) });
    at = match.index + match[0].length;
    const template = match[3];
    if (template !== undefined) {
      // What stands in ${} is code; nested templates do not occur in names that matter here.
      for (const inner of template.matchAll(/\$\{([^}]*)\}/g)) found.push({ kind: 'code', text: inner[1]! });
    }
    const text = match[1] ?? match[2] ?? template?.replace(/\$\{[^}]*\}/g, '\u0000');
    if (text !== undefined) found.push({ kind: 'text', text });
  }
  if (at < source.length) found.push({ kind: 'code', text: source.slice(at) });
  return found;
}

interface Import {
  readonly from: string;
  readonly names: readonly string[];
}

/** Imports and re-exports of every form: static, for effect, dynamic and as a type. */
export function importsOf(source: string): Import[] {
  const parts = tokens(source);
  const imports: Import[] = [];
  let before = '';
  for (const { kind, text } of parts) {
    if (kind === 'code') {
      before += text;
      continue;
    }
    const statement = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*$/.exec(before);
    if (statement !== null) {
      const clause = /\{([^{}]*)\}\s*from\s*$/.exec(before)?.[1] ?? '';
      imports.push({ from: text, names: clause.match(/\w+/g) ?? [] });
    }
    before = '';
  }
  return imports;
}

/** `a/b/c.ts` and `../d.ts` to `a/d.ts`. */
function resolve(path: string, relative: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const step of relative.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

/** Everything in which the files break the rules. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [path, source] of files) {
    const report = (rule: string): void => void found.push(`${path}: ${rule}`);
    const room = roomOf(path);
    if (room === undefined) {
      report('stands in no room');
      continue;
    }
    checkLength(path, source, report);
    checkNames(path, room, source, report);
    checkImports(path, room, source, report);
  }
  return found;
}

type Report = (rule: string) => void;

function checkLength(path: string, source: string, report: Report): void {
  const lines = source.replace(/\n$/, '').split('\n').length;
  if (lines > LINE_LIMIT && !LONG_FILES.includes(path)) report(`has ${lines} lines`);
}

const mayNameForks = (path: string, room: string): boolean =>
  path === 'opcodes/table.ts' || room === 'forks' || room === 'statetest' || room === 'cli';

function checkNames(path: string, room: string, source: string, report: Report): void {
  const isCli = room === 'cli';
  const fork = new RegExp(`\\b(?:${FORK_NAMES})\\b`, 'i');
  let before = '';
  for (const { kind, text } of tokens(source)) {
    if (kind === 'code' && !isCli) {
      const global = /(?<![.\w$])(?:process|Buffer|__dirname|__filename)\b(?!\s*:)/.exec(text);
      if (global !== null) report(`uses ${global[0]}`);
    }
    const name = fork.exec(text)?.[0];
    const hasColumns = room === 'precompiles' || room === 'opcodes';
    const isColumn = hasColumns && kind === 'text' && /\bsince:\s*$/.test(before);
    if (name !== undefined && !mayNameForks(path, room) && !isColumn) report(`names the fork ${name}`);
    if (kind === 'code') {
      before = text;
      if (/\bimplements\s+(?:\w+\s*,\s*)*Host\b/.test(text) && path !== 'src/evm/host.ts') {
        report('joins machine and state a second time');
      }
    }
  }
}

function checkImports(path: string, room: string, source: string, report: Report): void {
  let seesMachine = room === 'machine';
  let seesState = room === 'state';
  for (const { from, names } of importsOf(source)) {
    if (from.startsWith('node:')) {
      if (room !== 'cli' && !path.startsWith('src/state/readers/')) report(`imports ${from}`);
    } else if (!from.startsWith('.')) {
      checkPackage(from, path, room, report);
    } else {
      const target = resolve(path, from);
      if (!from.endsWith('.ts')) report(`imports ${from} without .ts`);
      const other = roomOf(target);
      if (other === undefined) report(`imports ${target}, which stands in no room`);
      else if (other !== room) checkDirection(room, other, target, report);
      // What is never on by default must not come with what is.
      if (isExtension(target) && !isExtension(path) && room !== 'cli')
        report(`imports ${target}, an extension`);
      if (other === 'state') seesState = true;
      // The types of a block and of a transaction are no part of the running machine.
      if (target === 'src/machine/frame.ts' || (target === 'src/machine/host.ts' && names.includes('Host'))) {
        seesMachine = true;
      }
    }
  }
  // The public door names both, and does nothing with either.
  if (seesMachine && seesState && room !== 'evm' && room !== 'index') report('lets machine and state meet');
}

function checkPackage(from: string, path: string, room: string, report: Report): void {
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  if (CORE_PACKAGES.includes(name)) return;
  if (room === 'cli' && (CLI_PACKAGES.includes(name) || RIVAL_PACKAGES.test(name))) return;
  if (EXTENSION_PACKAGES.includes(name) && isExtension(path)) return;
  if (STORE_PACKAGES.includes(name) && path.startsWith('src/state/readers/')) return;
  if (ABI_PACKAGES.includes(name) && path.startsWith('src/testing/viem/')) return;
  report(`imports the package ${name}`);
}

const isExtension = (path: string): boolean => /^precompiles\/(?:ext|fast)\//.test(path);

/** Rooms that see neither frames nor accounts, beyond what the floors say. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  opcodes: ['state'],
  precompiles: ['machine', 'state'],
  interpreter: ['state'],
  wasm: ['state'],
};

function checkDirection(room: string, other: string, target: string, report: Report): void {
  if (levelOf(other) >= levelOf(room)) report(`imports ${target}: ${room} does not stand on ${other}`);
  else if (NEVER[room]?.includes(other)) report(`imports ${target}: ${room} never sees ${other}`);
}
