/**
 * The API as a page: every name that a door of the package exports, with its kind, its declaration and what its
 * docstring says. Made of the `.d.ts` files in `dist`; `npm run api` builds those and writes the page.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Declaration, Declarations } from './declarations.ts';

interface Door {
  /** As it is imported. */
  readonly name: string;
  readonly doc: string;
  /** By name; a constant and a type may share one. */
  readonly entries: readonly (readonly [name: string, declarations: readonly Declaration[]])[];
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() > b.toLowerCase() ? 1 : a < b ? -1 : 1;

export class Api {
  readonly doors: readonly Door[];
  private readonly declarations = new Declarations();

  /**
   * @param root the folder of package.json
   * @throws Error where a door has not been built
   */
  constructor(root: string) {
    const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const doors = Object.entries(exports as Record<string, string | { types: string }>);
    this.doors = doors.flatMap(([door, to]) => {
      if (typeof to === 'string') return [];
      const file = join(root, to.types);
      if (!existsSync(file)) throw new Error(`${file} is not there: run \`npx tsc\` first`);
      return {
        name: door.replace(/^\./, name),
        doc: this.declarations.module(file).header,
        entries: [...this.declarations.exportsOf(file)].sort(byName),
      };
    });
  }

  /** Names without a docstring, with their doors. */
  undocumented(): string[] {
    return this.doors.flatMap(({ name: door, entries }) =>
      entries
        .filter(([, declarations]) => declarations.every(({ doc }) => doc === ''))
        .map(([name]) => `${door}: ${name}`),
    );
  }

  /** Types that declarations of the doors use and that no door exports, each with its first user. */
  unreachable(): string[] {
    const exported = new Set(
      this.doors.flatMap(({ entries }) => entries.flatMap(([, declarations]) => declarations)),
    );
    const found = new Map<Declaration, string>();
    for (const { name: door, entries } of this.doors) {
      for (const [name, declarations] of entries) {
        for (const used of declarations.flatMap((declaration) => this.usedBy(declaration))) {
          if (!exported.has(used) && !found.has(used)) found.set(used, `${used.name} (${door}: ${name})`);
        }
      }
    }
    return [...found.values()].sort();
  }

  private usedBy(declaration: Declaration): Declaration[] {
    const text = withoutPrivates(declaration.text).replaceAll(/\/\*\*[\s\S]*?\*\/|'[^']*'/g, '');
    const names = new Set(text.match(/\b[A-Z]\w*\b/g) ?? []);
    names.delete(declaration.name);
    return [...names].flatMap((name) => this.declarations.lookUp(declaration.file, name));
  }

  page(): string {
    const first = new Map<Declaration, string>();
    const lines = [
      '# API',
      '',
      '<!-- Made by `npm run api` from the declarations; a test holds it to them. Change the docstrings instead. -->',
      '',
      'Every name that the package exports, door by door.',
      '',
      ...this.doors.map(
        ({ name, doc, entries }) =>
          `- [\`${name}\`](#${anchorOf(name)}), ${entries.length} names: ${doorDoc(doc)}`,
      ),
    ];
    for (const { name: door, doc, entries } of this.doors) {
      lines.push('', `## ${door}`, '', doorDoc(doc));
      for (const [name, declarations] of entries) {
        const before = first.get(declarations[0]!);
        lines.push('', `### ${name}`, '');
        if (before !== undefined) {
          lines.push(`As in [\`${before}\`](#${anchorOf(before)}).`);
          continue;
        }
        for (const declaration of declarations) first.set(declaration, door);
        lines.push(...this.entry(declarations));
      }
    }
    return `${lines.join('\n')}\n`;
  }

  private entry(declarations: readonly Declaration[]): string[] {
    const kinds = declarations.map(({ kind }) => kind).join(' and ');
    const docs = declarations.flatMap(({ doc }) => (doc === '' ? [] : prose(doc)));
    const texts = declarations.map((declaration) => {
      return [...this.parentsOf(declaration), declaration].map(({ text }) => code(text)).join('\n\n');
    });
    return [`*${kinds}*`, '', ...(docs.length > 0 ? [...docs, ''] : []), '```ts', texts.join('\n'), '```'];
  }

  /** What an interface extends within its own file without exporting it, so that its members are told. */
  private parentsOf({ kind, text, file }: Declaration): Declaration[] {
    if (kind !== 'interface') return [];
    const [, names = ''] = /^interface \w+(?:<[^{]*>)? extends ([^{]*)\{/.exec(text) ?? [];
    const own = this.declarations.exportsOf(file);
    return (names.match(/\b[A-Z]\w*\b/g) ?? [])
      .filter((name) => !own.has(name))
      .flatMap((name) => this.declarations.module(file).declarations.filter((other) => other.name === name));
  }
}

const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^\w -]/g, '');

/** The first paragraph of a door's header, without the word that marks it as one. */
const doorDoc = (doc: string): string => {
  const text = doc
    .replace(/^Door: /, '')
    .split('\n\n')[0]!
    .replaceAll('\n', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** A docstring as Markdown: its tags become a list. */
function prose(doc: string): string[] {
  const [text, ...tags] = doc.split(/^@/m).map((part) => part.trim().replaceAll(/\n\s*(?!\n)/g, '\n'));
  const items = tags.map((tag) => {
    const [, word, rest] = /^(\w+)\s*([\s\S]*)$/.exec(tag)!;
    const [, name, meaning] = /^(\w+)\s+([\s\S]*)$/.exec(rest!) ?? [];
    const told = word === 'param' && name !== undefined ? `\`${name}\`: ${meaning}` : `${word}: ${rest}`;
    return `- ${told.replaceAll('\n', '\n  ')}`;
  });
  return [...(text === '' ? [] : [text!]), ...(text !== '' && items.length > 0 ? [''] : []), ...items];
}

/** A class without what only its own code may use. */
const withoutPrivates = (text: string): string =>
  text
    .replaceAll(/\n {4}private [^\n]*;(?=\n)/g, '')
    .replaceAll(/\n {4}private [^\n]*\{[\s\S]*?\n {4}\};?(?=\n)/g, '');

const code = (text: string): string =>
  withoutPrivates(text).replaceAll(/^(?: {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2));
