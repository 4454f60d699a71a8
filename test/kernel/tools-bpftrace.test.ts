/**
 * The bundled tools are ordinary scripts: Debian's bpftrace parses, checks and compiles every one that this kernel can
 * serve, and those that want functions of kernels with kprobes. `-d` ends there, before anything is attached.
 */

import { spawn, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readTools } from '../../src/panels/library.ts';
import { unmetNeeds } from '../../src/panels/needs.ts';
import { liveFacts } from '../support/compile-live.ts';

const BUNDLED = new URL('../../scripts-library', import.meta.url).pathname;
const AT_ONCE = 3;

/** The message of the first error with the lines that show its place; empty if the script is accepted. */
function firstError(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bpftrace', ['--unsafe', '-d', path], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (status) => {
      const at = errors.indexOf(`${path}:`);
      resolve(status === 0 ? '' : errors.slice(Math.max(0, at)).split('\n').slice(0, 3).join('\n'));
    });
  });
}

it.skipIf(process.getuid?.() !== 0 || spawnSync('bpftrace', ['--version']).status !== 0)(
  "Debian's bpftrace accepts every tool",
  async () => {
    const facts = liveFacts();
    const scripts = readTools([{ path: BUNDLED, isBundled: true }])
      .flatMap((tool) => [tool, ...tool.variants])
      .filter(({ description }) => {
        const unmet = unmetNeeds(description.needs, facts);
        // Where no kernel function can be probed, bpftrace does not look whether they exist either.
        return unmet.every((need) => need.startsWith('kprobe:') && !facts.features.has('kprobe'));
      });
    const waiting = [...scripts];
    const refused: string[] = [];
    const work = async (): Promise<void> => {
      for (let script = waiting.pop(); script !== undefined; script = waiting.pop()) {
        const error = await firstError(script.path);
        if (error !== '') refused.push(`${script.name}: ${error}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(refused).toEqual([]);
    expect(scripts.length).toBeGreaterThan(110);
  },
  600_000,
);
