/** `npm start`: sets up what is missing, then runs the built entry in this very process, arguments passed on. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

await prepare();
const entry = join(root, 'dist', 'bptop.js');
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
