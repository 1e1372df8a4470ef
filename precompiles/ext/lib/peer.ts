/** Optional packages: they come with an extension's user, not with Erbium. */

import { ErbiumError } from '../../../src/primitives/errors.ts';

/**
 * A module of an optional package, or an error that says what to install.
 * @param load the import itself, written out so that bundlers see it
 * @throws ErbiumError MISSING_PACKAGE
 */
export async function peer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new ErbiumError(
      'MISSING_PACKAGE',
      `needs the optional package ${name}: npm install ${name} (${String(cause)})`,
      { cause },
    );
  }
}
