/** Where two values of JSON differ, leaf by leaf, in the order of the first; and how an outcome's fields are called. */

/** One place; undefined for the side that has nothing there. */
export interface LeafDifference {
  readonly path: readonly string[];
  readonly a: unknown;
  readonly b: unknown;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** An object that only one side has is one difference. */
export function* leafDifferences(
  a: unknown,
  b: unknown,
  path: readonly string[] = [],
): Generator<LeafDifference> {
  if (!isTree(a) || !isTree(b)) {
    if (a !== b) yield { path, a, b };
    return;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const of = (tree: Readonly<Record<string, unknown>>): unknown =>
      Object.hasOwn(tree, key) ? tree[key] : undefined;
    yield* leafDifferences(of(a), of(b), [...path, key]);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  gasUsed: 'gas used',
  logsHash: 'hash of the logs',
  diffHash: 'hash of the changes to the state',
  'trace.lines': 'lines of the trace',
  'trace.sha256': 'SHA-256 of the trace',
};

/** A field of an outcome in words. */
export const outcomeField = (path: readonly string[]): string => NAMES[path.join('.')] ?? path.join('.');
