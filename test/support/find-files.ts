/** Files by name below a folder. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** findFiles gives the paths of all files called `name`. */
export function findFiles(folder: string, name: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? findFiles(path, name) : entry.name === name ? [path] : [];
  });
}
