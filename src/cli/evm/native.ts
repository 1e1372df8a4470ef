/** The tools that `erbium` has in common with `erbium-evm`. Their flags are theirs to read. */

import type { Command } from 'commander';
import type { Command as Tool } from './command.ts';

const TOOLS: readonly (readonly [name: string, about: string, load: () => Promise<{ command: Tool }>])[] = [
  [
    't8n',
    'run transactions on a state as the transition tools of other clients do',
    () => import('./t8n.ts'),
  ],
  ['t9n', 'tell whether transactions are valid, as far as no state is needed', () => import('./t9n.ts')],
  ['b11r', 'put a block together from a header and transactions', () => import('./b11r.ts')],
];

/** Adds `t8n`, `t9n` and `b11r` to the program; what they do is loaded when it is asked for. */
export function addTools(program: Command): void {
  for (const [name, about, load] of TOOLS) {
    program
      .command(name)
      .description(about)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(async (_options, { args }: Command) => {
        const { runCommand } = await import('./command.ts');
        await runCommand(`erbium ${name}`, (await load()).command, args);
      });
  }
}
