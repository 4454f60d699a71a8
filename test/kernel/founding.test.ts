/** The one-liners that the language was introduced with, from docs/tools/founding.md: each runs as it is, and finds what was done. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BUSY, COLD_START, DIRECT_WRITE } from '../support/tool-workloads.ts';
import { traceText } from '../support/traced-run.ts';

const PAGE = new URL('../../docs/tools/founding.md', import.meta.url).pathname;
const [, section = ''] = /## The one-liners as they were\n([\s\S]*?)\n## /.exec(readFileSync(PAGE, 'utf8')) ?? [];
const scripts = [...section.matchAll(/^```bpftrace\n([\s\S]*?)^```$/gm)].map(([, script = '']) => script);

const READ = 'cat /etc/hostname >/dev/null';

/** In the order of the page: what is done, and what must be seen of it. */
const SEEN: readonly (readonly [string, RegExp])[] = [
  ['/bin/echo known argument >/dev/null', /^\/bin\/echo known argument$/m],
  ['perl -e \'my $path = "/etc/hostname"; syscall(2, $path, 0)\'', /^perl \/etc\/hostname$/m],
  [READ, /^@\[cat\]: \d+$/m],
  [READ, /^@\[tracepoint:syscalls:sys_enter_openat\]: \d+$/m],
  [READ, /^@\[\d+, cat\]: \d+$/m],
  ['dd if=/dev/zero of=/dev/null bs=1M count=4 status=none', /^@\[dd\]: 419\d{4}$/m],
  ['dd if=/dev/zero of=/dev/null bs=3000 count=4 status=none', /^@\[dd\]: ?\n(\[.*\n)*\[2K, 4K\) +\d/m],
  [DIRECT_WRITE, /^\d+ dd 4096$/m],
  [COLD_START, /^@\[.*\]: \d+$/m],
  ['perl -e \'my $x = "x" x 8000000\'', /^@\[perl\]: \d{3,}$/m],
  [BUSY, /^@\[\n( {4}.*\n)+\]: \d+$/m],
];

const folder = mkdtempSync(join(tmpdir(), 'bptop-founding-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('there are eleven', () => expect(scripts.length).toBe(11));

describe.skipIf(process.getuid?.() !== 0)('as they were', () => {
  test.each(scripts.map((script, index) => [script.trim(), ...(SEEN[index] ?? ['', /^$/])] as const))(
    '%s',
    async (script, workload, seen) => {
      const shell = spawn('bash', ['--norc', '-c', `read _; ${workload}`], {
        env: { ...process.env, T: folder },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      // The busy loop is run by a child, whose pid nobody knows yet: its shell does instead.
      const mine = script.replace('pid == 189', `(pid == ${shell.pid} || comm == "sh")`);
      const { output, messages } = await traceText(mine, async () => {
        shell.stdin.end('\n');
        await once(shell, 'close');
      });
      expect(messages).toMatch(/^Attached \d+ probes?$/m);
      expect(output).toMatch(seen);
    },
  );
});
