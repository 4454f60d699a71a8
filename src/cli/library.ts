/** Where the bundled tools lie: beside dist/ when bundled, at the root of the sources else. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** bundledLibrary gives the folder of the bundled tools. */
export function bundledLibrary(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'scripts-library')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, 'scripts-library');
}

/** userLibrary gives the folder of the user's own tools, which need not exist. */
export function userLibrary(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'bptop', 'tools');
}
