/** Before any test: the bundle that whole-program tests run is up to date. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const prepare = new URL('../src/setup/prepare.mjs', import.meta.url).href;
  const result = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { prepare } from ${JSON.stringify(prepare)}; await prepare();`],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`cannot prepare the bundle:\n${result.stderr}`);
}
