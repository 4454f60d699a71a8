/** `npm run bench -- NAME`: sets up what is missing, then runs bench/NAME.ts; without a name, lists what there is. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const [name, ...rest] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
if (!name || !existsSync(file)) {
  const names = readdirSync(join(root, 'bench')).filter((entry) => entry.endsWith('.ts'));
  console.error(`usage: npm run bench -- NAME\n${names.map((entry) => `  ${entry.slice(0, -3)}`).join('\n')}`);
  process.exit(name ? 1 : 0);
}
await prepare();
const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), [file, ...rest], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
