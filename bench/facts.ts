/** `npm run bench -- facts`: what the first questions to the kernel cost, each in a fresh process. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, printTable } from './support/measure.ts';

const ROUNDS = 9;
const script = new URL('support/facts-once.ts', import.meta.url).pathname;
const cache = mkdtempSync(join(tmpdir(), 'bptop-bench-'));

const ROWS: readonly (readonly [what: string, kind: string, isCold: boolean, limitMs: number])[] = [
  ['BTF, first lookup, no index', 'lookup', true, 60],
  ['BTF, first lookup, index on disk', 'lookup', false, 5],
  ['tracepoint format with types', 'format', false, 10],
  ['all probes listed', 'list', false, 500],
];

function measure(kind: string, isCold: boolean): number {
  if (isCold) rmSync(cache, { recursive: true, force: true });
  const text = execFileSync(process.execPath, ['--import', 'tsx', script, kind], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  return Number(text);
}

try {
  printTable(
    ['first question of a process', 'ms', 'limit'],
    ROWS.map(([what, kind, isCold, limitMs]) => {
      measure(kind, isCold);
      const times = Array.from({ length: ROUNDS }, () => measure(kind, isCold));
      return [what, median(times).toFixed(1), `${limitMs}${median(times) <= limitMs ? '' : ' !'}`];
    }),
  );
} finally {
  rmSync(cache, { recursive: true, force: true });
}
