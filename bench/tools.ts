/**
 * `npm run bench -- tools`: what each bundled tool costs under the same mixed load (system calls, direct I/O on a loop
 * device, loopback TCP, processes), by the kernel's own statistics of the tool's BPF programs.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLiveFacts } from '../src/kernel/live.ts';
import { chooseVariant, readTools } from '../src/panels/library.ts';
import { printTable } from './support/measure.ts';
import { statisticsOf } from './support/programs.ts';
import { commandOf, enableStatistics } from './support/tracer.ts';

const ATTACHED = '__BPFTRACE_NOTIFY_PROBES_ATTACHED';
const LIBRARY = new URL('../scripts-library', import.meta.url).pathname;
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));
const load = writeLoad();
enableStatistics();

const facts = openLiveFacts();
const rows: string[][] = [];
for (const tool of readTools([{ path: LIBRARY, isBundled: true }])) {
  if (wanted.length > 0 && !wanted.includes(tool.name)) continue;
  if (!('tool' in chooseVariant(tool, facts))) continue;
  // Probes on malloc in all processes stop the machine: such tools are for one process at a time.
  if (wanted.length === 0 && tool.description.needs.includes('uprobe:libc:malloc')) continue;
  const { group } = tool.description;
  const { runs, timeNs, wallNs } = await measure(tool.name);
  const perEvent = runs === 0 ? '-' : (timeNs / runs).toFixed(0);
  process.stderr.write(`${tool.name} ${perEvent} ns\n`);
  rows.push([tool.name, group, String(runs), perEvent, ((100 * timeNs) / wallNs).toFixed(2)]);
}
rows.sort((left, right) => Number(right[4]) - Number(left[4]));
printTable(['tool', 'group', 'events', 'ns per event', '% of one CPU'], rows);
rmSync(folder, { recursive: true });

/** One run of the load with the tool attached; what ran before the load began is taken off. */
async function measure(name: string): Promise<{ runs: number; timeNs: number; wallNs: number }> {
  const [command = '', ...args] = commandOf('bptop');
  const child = spawn(command, [...args, name, '--batch'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, [ATTACHED]: '1' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.race([attached(child), ended]);
  const before = statisticsOf(child.pid ?? 0);
  const start = process.hrtime.bigint();
  execFileSync('bash', [load], { stdio: 'ignore' });
  const wallNs = Number(process.hrtime.bigint() - start);
  const after = statisticsOf(child.pid ?? 0);
  child.kill('SIGINT');
  const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(force);
  return { runs: after.runs - before.runs, timeNs: after.timeNs - before.timeNs, wallNs };
}

function attached(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (!output.includes(ATTACHED)) output += text;
      if (output.includes(ATTACHED)) resolve();
    });
  });
}

/** A fixed amount of each kind of work; about a second on a machine at rest. */
function writeLoad(): string {
  const path = join(folder, 'load.sh');
  writeFileSync(
    path,
    `truncate -s 16M ${folder}/disk; disk=$(losetup -f --show --direct-io=on ${folder}/disk)
dd if=/dev/zero of=/dev/null bs=1 count=50000 status=none
dd if=/dev/zero of=$disk bs=4096 count=500 oflag=direct status=none
for i in $(seq 100); do /bin/true; done
perl -MSocket -e '
  socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 16);
  for (1..200) {
    socket(my $client, PF_INET, SOCK_STREAM, 0); connect($client, getsockname($server));
    accept(my $peer, $server); send($client, "x" x 1000, 0); recv($peer, my $text, 1000, 0);
  }'
losetup -d $disk
`,
  );
  return path;
}
