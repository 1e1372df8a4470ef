/**
 * Reads the declarations that `tsc` writes to `dist`: which names a door exports, and how each is declared. It knows
 * the regular form of that output and not TypeScript as a whole.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Kind = 'function' | 'constant' | 'class' | 'interface' | 'type';

export interface Declaration {
  readonly name: string;
  readonly kind: Kind;
  /** The statement without `export` and `declare`. */
  readonly text: string;
  /** Without the stars; empty where there is none. */
  readonly doc: string;
  /** The file that it stands in. */
  readonly file: string;
}

interface Statement {
  readonly text: string;
  readonly doc: string;
}

const ENDS_WITH_BRACE = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|class|function|namespace)\b/;

/** Where the string, comment or single character at `at` ends. */
function endOfToken(source: string, at: number): number {
  const rest = (end: string): number => {
    const found = source.indexOf(end, at + end.length);
    return found < 0 ? source.length : found + end.length;
  };
  if (source.startsWith('/*', at)) return rest('*/');
  if (source.startsWith('//', at)) return rest('\n');
  const quote = source[at]!;
  if (!'\'"`'.includes(quote)) return at + 1;
  let end = at + 1;
  while (end < source.length && source[end] !== quote) end += source[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** The statements of a file, each with the comment right before it. */
export function statementsOf(source: string): Statement[] {
  const statements: Statement[] = [];
  let doc = '';
  for (let at = 0; at < source.length; ) {
    if (/\s/.test(source[at]!)) {
      at++;
      continue;
    }
    if (source.startsWith('/*', at) || source.startsWith('//', at)) {
      const end = endOfToken(source, at);
      if (source.startsWith('/**', at)) doc = docOf(source.slice(at, end));
      at = end;
      continue;
    }
    const end = endOfStatement(source, at);
    statements.push({ text: source.slice(at, end), doc });
    doc = '';
    at = end;
  }
  return statements;
}

function endOfStatement(source: string, start: number): number {
  const hasBody = ENDS_WITH_BRACE.test(source.slice(start, start + 100));
  let depth = 0;
  for (let at = start; at < source.length; ) {
    const character = source[at]!;
    if ('{(['.includes(character)) depth++;
    if ('})]'.includes(character)) depth--;
    const end = endOfToken(source, at);
    const isEnd = character === ';' || (character === '}' && hasBody);
    if (depth === 0 && isEnd) return end;
    at = end;
  }
  return source.length;
}

/** The text of a comment. */
export const docOf = (comment: string): string =>
  comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();

function declarationOf({ text, doc }: Statement, file: string): Declaration | null {
  const head = /^(?:export )?(?:declare )?(?:abstract )?(const|function|class|interface|type) (\w+)/.exec(
    text,
  );
  if (head === null) return null;
  const [, word, name] = head;
  // A constant that holds an arrow function is called like any other.
  const isFunction = word === 'function' || /^[\w ]+: (?:<[^(]*>)?\([^;]*=> /.test(text);
  const kind = word === 'const' ? (isFunction ? 'function' : 'constant') : (word as Kind);
  return { name: name!, kind, text: text.replace(/^(?:export )?(?:declare )?/, ''), doc, file };
}

interface Module {
  /** What the file says about itself. */
  readonly header: string;
  readonly declarations: readonly Declaration[];
  readonly statements: readonly Statement[];
}

export class Declarations {
  private readonly modules = new Map<string, Module>();

  module(file: string): Module {
    const known = this.modules.get(file);
    if (known !== undefined) return known;
    const source = readFileSync(file, 'utf8');
    const statements = statementsOf(source);
    const declarations = statements.flatMap((statement) => declarationOf(statement, file) ?? []);
    const header = docOf(/^\/\*\*[\s\S]*?\*\//.exec(source)?.[0] ?? '');
    const module = { header, declarations, statements };
    this.modules.set(file, module);
    return module;
  }

  /** Everything that a file exports, by the name under which it does. */
  exportsOf(file: string): Map<string, readonly Declaration[]> {
    const found = new Map<string, readonly Declaration[]>();
    for (const { text } of this.module(file).statements) {
      const all = /^export \* from '(.*)';$/.exec(text);
      if (all !== null) for (const entry of this.exportsOf(resolve(file, all[1]!))) found.set(...entry);
      const some = /^export (?:type )?\{([\s\S]*)\} from '(.*)';$/.exec(text);
      if (some !== null) {
        const exported = this.exportsOf(resolve(file, some[2]!));
        for (const { name, as } of namesOf(some[1]!)) {
          const declarations = exported.get(name);
          if (declarations === undefined) throw new Error(`${file}: no ${name} in ${some[2]}`);
          found.set(as, declarations);
        }
      }
      const own = /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/.exec(
        text,
      );
      if (own !== null) found.set(own[1]!, this.declared(file, own[1]!));
    }
    return found;
  }

  /** What a name means in a file: a declaration of its own, or one that is imported. Empty for globals. */
  lookUp(file: string, name: string): readonly Declaration[] {
    const own = this.declared(file, name);
    if (own.length > 0) return own;
    for (const { text } of this.module(file).statements) {
      const some = /^import (?:type )?\{([\s\S]*)\} from '(\..*)';$/.exec(text);
      const wanted = some === null ? undefined : namesOf(some[1]!).find(({ as }) => as === name);
      if (wanted !== undefined) return this.exportsOf(resolve(file, some![2]!)).get(wanted.name) ?? [];
    }
    return [];
  }

  private declared(file: string, name: string): readonly Declaration[] {
    return this.module(file).declarations.filter((declaration) => declaration.name === name);
  }
}

const resolve = (file: string, from: string): string =>
  join(dirname(file), from.replace(/\.(?:ts|js)$/, '.d.ts'));

const namesOf = (clause: string): { name: string; as: string }[] =>
  clause
    .split(',')
    .map((part) => part.trim().replace(/^type /, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [name, as = name] = part.split(' as ');
      return { name: name!, as: as! };
    });
