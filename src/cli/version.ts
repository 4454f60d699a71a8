/** The version: put in by the bundler; from sources, read from package.json. */

import { readFileSync } from 'node:fs';

declare const BPTOP_VERSION: string | undefined;

/** bptopVersion gives `1.2.3`. */
export function bptopVersion(): string {
  if (typeof BPTOP_VERSION === 'string') return BPTOP_VERSION;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
