/** The whole program in a real terminal on the real kernel. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Tmux } from './tmux.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const BPTOP = `node ${join(ROOT, 'node_modules/.bin/tsx')} ${join(ROOT, 'src/cli/main.ts')}`;
const canRun = process.geteuid?.() === 0 && existsSync('/usr/bin/tmux');

let terminal: Tmux;
afterEach(() => terminal?.close());

/** A shell with a configuration of three panels. */
function shell(columns: number, rows: number): Tmux {
  terminal = new Tmux(columns, rows);
  const folder = join(terminal.folder, 'bptop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ panels: ['syscalls', 'runqlat', 'biotop'] }));
  terminal.type(`export XDG_CONFIG_HOME=${terminal.folder}; cd ${ROOT}; stty -g > ${terminal.folder}/before; clear`);
  terminal.press('Enter');
  return terminal;
}

function start(): void {
  terminal.type(BPTOP);
  terminal.press('Enter');
}

/** The terminal's settings are what they were before. */
async function expectRestored(): Promise<void> {
  terminal.type(`clear; stty -g | cmp - ${terminal.folder}/before && echo same''settings`);
  terminal.press('Enter');
  await terminal.waitFor(/samesettings/);
}

/** Programs, maps and links that a process of ours holds. */
function leftovers(): string {
  return execFileSync('bpftool', ['prog', 'show'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => /pids\s.*bptop/.test(line))
    .join('\n');
}

describe.runIf(canRun)('dashboard', () => {
  test.each([
    [80, 24],
    [200, 50],
  ])('shows live data at %dx%d, answers the prompt, leaves the terminal as it was', async (columns, rows) => {
    shell(columns, rows);
    start();
    await terminal.waitFor(/System calls[\s\S]*\d+\/s[\s\S]*Run-queue latency[\s\S]*p50/);
    terminal.type(':');
    terminal.type('tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }');
    await terminal.waitFor(/:tracepoint:syscalls:sys_enter_openat/);
    terminal.press('Enter');
    await terminal.waitFor(/4 tracepoint:syscalls:sys_enter_openat[\s\S]*COMM[\s\S]*│\S+ +\d+/);
    terminal.press('Escape');
    await terminal.waitFor(/Block I\/O/);
    terminal.type('2');
    terminal.press('Enter');
    await terminal.waitFor(/^╭─ 2 Run-queue latency [^╮]*╮$/m);
    terminal.type('p');
    await terminal.waitFor(/PAUSED/);
    terminal.press('Left');
    await terminal.waitFor(/PAUSED \S+ \(-[1-9]/);
    terminal.resize(columns - 10, rows - 4);
    await terminal.waitFor(new RegExp(`^╭.{${columns - 12}}╮$`, 'm'));
    terminal.type('q');
    await terminal.waitFor(/shell>\s*$/);
    await expectRestored();
  });

  test('Ctrl-Z gives the shell back, fg the dashboard; SIGTERM restores the terminal', async () => {
    shell(100, 30);
    start();
    await terminal.waitFor(/System calls[\s\S]*\d+\/s/);
    terminal.press('C-z');
    await terminal.waitFor(/Stopped/);
    terminal.type('fg');
    terminal.press('Enter');
    await terminal.waitFor(/System calls[\s\S]*\d+\/s/);
    terminal.press('C-z');
    await terminal.waitFor(/Stopped/);
    terminal.type('kill -TERM %1; fg');
    terminal.press('Enter');
    await terminal.waitFor(/shell>\s*$/);
    await expectRestored();
    expect(leftovers()).toBe('');
  });

  test('ends in order when its terminal goes away', async () => {
    shell(100, 30);
    const status = join(terminal.folder, 'status');
    terminal.type(`sh -c 'trap : HUP; ${BPTOP}; echo $? > ${status}'`);
    terminal.press('Enter');
    await terminal.waitFor(/System calls[\s\S]*\d+\/s/);
    terminal.hangUp();
    await expect.poll(() => existsSync(status) && readFileSync(status, 'utf8'), { timeout: 20_000 }).toBe('129\n');
    expect(leftovers()).toBe('');
  });

  test('records, and replays what it recorded', async () => {
    shell(100, 30);
    start();
    await terminal.waitFor(/System calls[\s\S]*\d+\/s/);
    terminal.type(':record recording.bptop'.replace('recording', `${terminal.folder}/recording`));
    terminal.press('Enter');
    await terminal.waitFor(/REC/);
    await new Promise((done) => setTimeout(done, 3500));
    terminal.type('q');
    await terminal.waitFor(/shell>\s*$/);
    terminal.type(`clear; ${BPTOP} replay ${terminal.folder}/recording.bptop --ascii`);
    terminal.press('Enter');
    await terminal.waitFor(/REPLAY[\s\S]*^\+- 1 System calls[\s\S]*p50/m);
    terminal.press('End');
    await terminal.waitFor(/REPLAY \S+ 100%/);
    terminal.type('q');
    await terminal.waitFor(/shell>\s*$/);
    await expectRestored();
  });
});
