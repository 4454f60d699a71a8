/**
 * The loads of the incident test, until killed: a process that writes and syncs, one that connects, one that starts
 * programs, one that computes, and names that try to take over the terminal. Each says who it is by its name.
 */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const KINDS = {
  disk: async (file) => {
    const block = Buffer.alloc(65_536, 1);
    for (;;) {
      const descriptor = openSync(file, 'w');
      for (let count = 0; count < 20; count++) {
        writeSync(descriptor, block);
        fdatasyncSync(descriptor);
        await sleep(2);
      }
      closeSync(descriptor);
    }
  },
  connect: async () => {
    const server = createServer((socket) => socket.resume().on('end', () => socket.end()));
    await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
    for (;;) {
      await new Promise((done) => {
        const socket = createConnection(server.address().port, '127.0.0.1', () => socket.end());
        socket.resume().on('close', done);
      });
      await sleep(2);
    }
  },
  fork: async () => {
    for (;;) {
      spawnSync('/bin/true');
      await sleep(20);
    }
  },
  cpu: async () => {
    for (;;) {
      let sum = 0;
      const end = performance.now() + 40;
      while (performance.now() < end) sum += Math.sqrt(sum + 1);
      await sleep(10);
    }
  },
  hostile: async (file) => {
    const names = [
      '\x1b]0;owned\x07',
      '\x1b[31m\x1b[2J',
      'a\nb\rc',
      '\u202egnp.exe',
      'e\u0301\u0323',
      '\x1b]52;c;b3du\x07',
    ];
    for (;;) {
      for (const name of names) {
        process.title = name;
        try {
          closeSync(openSync(`${file}${name}${'x'.repeat(200)}/${'y'.repeat(3_800)}`, 'r'));
        } catch {
          // The path need not exist: that it is asked for is what is seen.
        }
        await sleep(20);
      }
    }
  },
};

const [, script, kind] = process.argv;
const scratch = join(tmpdir(), `bptop-load-${kind}-${process.pid}`);
if (kind !== undefined) {
  process.title = `load-${kind}`;
  process.on('SIGTERM', () => {
    rmSync(scratch, { force: true });
    process.exit();
  });
  process.on('disconnect', () => process.emit('SIGTERM'));
  await KINDS[kind](scratch);
} else {
  const children = Object.keys(KINDS).map((name) =>
    spawn(process.execPath, [script, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  process.on('SIGTERM', () => {
    for (const child of children) child.kill('SIGTERM');
    process.exit();
  });
  process.stdin.resume().on('end', () => process.emit('SIGTERM'));
}
