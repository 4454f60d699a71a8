/**
 * The work that every tool is measured under, the same each time: system calls, direct I/O on a loop device, processes,
 * loopback TCP. A shell that waits for a line before it begins, so that its pid is known while a tool is started.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const LOAD = `echo $$; read _
dd if=/dev/zero of=/dev/null bs=1 count=50000 status=none
dd if=/dev/zero of=$DISK bs=4096 count=500 oflag=direct status=none
for i in {1..100}; do /bin/true; done
perl -MSocket -e '
  socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 16);
  for (1..200) {
    socket(my $client, PF_INET, SOCK_STREAM, 0); connect($client, getsockname($server));
    accept(my $peer, $server); send($client, "x" x 1000, 0); recv($peer, my $text, 1000, 0);
  }'
echo done; read _`;

/** LoadDisk is a loop device for as long as the benchmark runs. */
export class LoadDisk {
  readonly device: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bptop-bench-'));

  constructor() {
    const file = join(this.#folder, 'disk');
    writeFileSync(file, '');
    truncateSync(file, 16 << 20);
    this.device = execFileSync('losetup', ['-f', '--show', '--direct-io=on', file], { encoding: 'utf8' }).trim();
    process.once('exit', () => this.#remove());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  }

  #remove(): void {
    execFileSync('losetup', ['-d', this.device]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Load is one run of it. */
export class Load {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
  }

  static async start(device: string): Promise<Load> {
    const child = spawn('bash', ['-c', LOAD], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, DISK: device },
    });
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    return new Load(child, Number(first.toString()));
  }

  /** Runs it to its end; the nanoseconds it took. Its shell stays, as a tool of one process ends with that. */
  async run(): Promise<number> {
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error('no pipes to the load');
    const start = process.hrtime.bigint();
    stdin.write('\n');
    await once(stdout, 'data');
    return Number(process.hrtime.bigint() - start);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
