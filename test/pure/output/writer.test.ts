import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openFile, Writer } from '../../../src/output/writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'bptop-writer-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writer', () => {
  test('a file gets the bytes, damaged ones included', async () => {
    const path = join(folder, 'bytes');
    const writer = openFile(path, 'line');
    writer.write('a\udcffé\n');
    await writer.finish();
    expect([...readFileSync(path)]).toEqual([0x61, 0xff, 0xc3, 0xa9, 0x0a]);
  });

  test('text and bytes come out in the order in which they went in', async () => {
    const line = (index: number): string => `${index} ${'é'.repeat(index % 7)}\n`;
    const large = 'x'.repeat(70_000);
    for (const buffering of ['full', 'line', 'none'] as const) {
      const path = join(folder, `mixed-${buffering}`);
      const writer = openFile(path, buffering);
      let expected = '';
      for (let index = 0; index < 30_000; index++) {
        const text = index % 5000 === 17 ? large : line(index);
        expected += text;
        const bytes = Buffer.from(text);
        if (index % 3 === 0) writer.write(text);
        else if (index % 1000 === 1) writer.writeBytes(bytes);
        else writer.append(Buffer.concat([Buffer.from('no'), bytes]), 2, 2 + bytes.length);
        if (index % 100 === 0) writer.flush();
      }
      writer.write('\udcff');
      writer.append(Buffer.from('!'), 0, 1);
      writer.write('\udcfe');
      await writer.finish();
      expect(readFileSync(path, 'latin1')).toBe(`${Buffer.from(expected).toString('latin1')}\xff!\xfe`);
    }
  });

  test('full buffering holds text back, line buffering does not', async () => {
    for (const [buffering, expected] of [
      ['full', ''],
      ['line', 'x\n'],
    ] as const) {
      const path = join(folder, buffering);
      const writer = openFile(path, buffering);
      writer.write('x\n');
      writer.flush();
      expect(readFileSync(path, 'utf8')).toBe(expected);
      await writer.finish();
      expect(readFileSync(path, 'utf8')).toBe('x\n');
    }
  });

  test('a slow reader of a pipe makes the writer full, not the memory; nothing is lost or swapped', async () => {
    // The pipe of a FIFO of our own: the test reads it when it wants to.
    const fifo = join(folder, 'fifo');
    await new Promise((resolve) => spawn('mkfifo', [fifo]).on('close', resolve));
    const reader = spawn('sh', ['-c', `exec 4<"${fifo}"; read -r _; cat <&4`], { stdio: ['pipe', 'pipe', 'inherit'] });
    const fd = openSync(fifo, 'w');
    const writer = new Writer(fd);
    const line = `${'x'.repeat(999)}\n`;
    let lines = 0;
    while (!writer.isFull) {
      writer.write(line);
      lines++;
    }
    expect(lines).toBeLessThan(20_000);
    let received = 0;
    reader.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    reader.stdin.write('go\n');
    await writer.finish();
    closeSync(fd);
    await new Promise((resolve) => reader.on('close', resolve));
    expect(received).toBe(lines * 1000);
  });

  test('a reader that leaves is a failure, not an exception', async () => {
    const fifo = join(folder, 'broken');
    await new Promise((resolve) => spawn('mkfifo', [fifo]).on('close', resolve));
    const reader = spawn('sh', ['-c', `exec 4<"${fifo}"; head -c 1 <&4 >/dev/null`]);
    const fd = openSync(fifo, 'w');
    writeSync(fd, 'x');
    await new Promise((resolve) => reader.on('close', resolve));
    const writer = new Writer(fd);
    writer.write('y\n');
    await writer.finish();
    expect(writer.failure?.code).toBe('EPIPE');
    closeSync(fd);
  });
});
