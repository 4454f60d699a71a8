/**
 * An incident, played through in a real terminal on the real kernel: known processes load disk, network, process table
 * and CPU while others bear names meant to take the terminal over; the dashboard finds them, and answers keys alone.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tmux } from './tmux.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const BPTOP = `node ${join(ROOT, 'dist/bptop.js')}`;
const canRun = process.geteuid?.() === 0 && existsSync('/usr/bin/tmux');

describe.runIf(canRun)('an incident', () => {
  let terminal: Tmux;
  let load: ChildProcess;
  beforeAll(() => {
    load = spawn(process.execPath, [join(ROOT, 'test/terminal/load.mjs')], { stdio: ['pipe', 'ignore', 'inherit'] });
    terminal = new Tmux(200, 50);
    terminal.type(`export XDG_CONFIG_HOME=${terminal.folder}; cd ${terminal.folder}; clear`);
    terminal.press('Enter');
  });
  afterAll(() => {
    load.kill('SIGTERM');
    terminal.close();
  });

  test('the overview shows who does what; three keys lead to the process that writes', async () => {
    terminal.type(BPTOP);
    terminal.press('Enter');
    await terminal.waitFor(/Block I\/O[\s\S]*│load-disk/);
    await terminal.waitFor(/Outgoing TCP connections[\s\S]*load-connect +127\.0\.0\.1/);
    await terminal.waitFor(/Started programs[\s\S]*load-fork +\/bin\/true/);
    terminal.type('3');
    await terminal.waitFor(/│load-disk/);
    terminal.type('d');
    await terminal.waitFor(/Drill down[\s\S]*all panels: pid = /);
    terminal.press('Enter');
    const screen = await terminal.waitFor(/3 Block I\/O pid=\d+/);
    expect(screen).toMatch(/1 System calls\S*(?: \S+)* pid=\d+/);
    terminal.type('u');
    await terminal.waitFor(/3 Block I\/O ─/);
  });

  test('a probe typed by completion alone becomes a panel', async () => {
    terminal.type(':t:sysc');
    await terminal.waitFor(/^ syscalls: +tracepoints/m);
    terminal.press('Tab');
    await terminal.waitFor(/^:t:syscalls:$/m);
    terminal.type('sys_enter_fdat');
    await terminal.waitFor(/^ sys_enter_fdatasync +fd/m);
    terminal.press('Tab');
    terminal.press('Enter');
    await terminal.waitFor(/^╭─ 13 t:syscalls:sys_enter_fdatasync[\s\S]*^│load-disk +\d+ +\d+/m);
  });

  test('pauses, steps back, records, quits; what was recorded is replayed', async () => {
    // Steps back need moments to step to.
    await new Promise((done) => setTimeout(done, 4_000));
    terminal.type('p');
    await terminal.waitFor(/PAUSED/);
    terminal.press('Left', 'Left');
    await terminal.waitFor(/PAUSED \S+ \(-[2-9]/);
    terminal.press('End');
    await terminal.waitFor(/live 1s/);
    terminal.type(':record incident.bptop');
    terminal.press('Enter');
    await terminal.waitFor(/REC/);
    await new Promise((done) => setTimeout(done, 4_000));
    terminal.type('q');
    await terminal.waitFor(/shell> ?$/m);
    terminal.type(`clear; ${BPTOP} replay incident.bptop`);
    terminal.press('Enter');
    await terminal.waitFor(/REPLAY[\s\S]*load-disk/);
    terminal.type('q');
    await terminal.waitFor(/shell> ?$/m);
  });

  test('names of processes and files have not touched the terminal', async () => {
    expect(terminal.title()).not.toContain('owned');
    expect(terminal.clipboard()).toBe('');
    terminal.type(`clear; ${BPTOP} opensnoop`);
    terminal.press('Enter');
    const screen = await terminal.waitFor(/xxxxxxxx/);
    expect(screen.split('\n')[0]).toContain('bptop');
    expect(terminal.title()).not.toContain('owned');
    expect(terminal.clipboard()).toBe('');
    terminal.type('q');
    await terminal.waitFor(/shell> ?$/m);
  });
});
