/** Completion as a person gets it: an interactive bash without any completion package, keys typed, the line looked at. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { ENTRY } from '../support/bptop.ts';
import { Tmux } from './tmux.ts';

const canRun = process.geteuid?.() === 0 && existsSync('/usr/bin/tmux');

describe.runIf(canRun)('bash completes', () => {
  let terminal: Tmux;

  beforeAll(async () => {
    terminal = new Tmux(120, 40);
    const bin = join(terminal.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'bptop'), `#!/bin/sh\nexec ${process.execPath} ${ENTRY} "$@"\n`, { mode: 0o755 });
    writeFileSync(join(terminal.folder, 'script-of-mine.bt'), 'BEGIN { }\n');
    terminal.type(`cd ${terminal.folder}; PATH=${bin}:$PATH; source <(bptop completion bash); clear; echo read''y`);
    terminal.press('Enter');
    await terminal.waitFor(/^ready/m);
  });
  afterAll(() => terminal?.close());

  test.each<readonly [typed: string, line: RegExp]>([
    ['bptop --uns', /bptop --unsafe $/],
    ['bptop -f js', /bptop -f json $/],
    ['bptop script-of', /bptop script-of-mine\.bt $/],
    ['bptop -l soft', /bptop -l software:$/],
    ['bptop -l tracepoint:sched:sched_process_ex', /bptop -l tracepoint:sched:sched_process_ex(ec|it)?$/],
    ['bptop -l tracepoint:sched:sched_process_fo', /bptop -l tracepoint:sched:sched_process_fork$/],
    ["bptop -e 'tracepoint:sched:sched_process_fo", /bptop -e 'tracepoint:sched:sched_process_fork$/],
    [
      "bptop -e 'BEGIN { } tracepoint:sched:sched_process_fo",
      /bptop -e 'BEGIN \{ \} tracepoint:sched:sched_process_fork$/,
    ],
    ['bptop -e "tracepoint:syscalls:sys_enter_getpp', /bptop -e "tracepoint:syscalls:sys_enter_getppid$/],
    ["bptop -e 'softw", /bptop -e 'software:$/],
    ['bptop -l kprobe:vfs_readv', /bptop -l kprobe:vfs_readv$/],
    ['bptop opensn', /bptop opensnoop $/],
  ])('%s', async (typed, line) => {
    // Both keys are the line editor's own: an interrupt here can arrive after the letters that follow it.
    terminal.press('C-u');
    terminal.press('C-l');
    await terminal.waitFor(/^\s*shell>\s*$/);
    terminal.type(typed);
    terminal.press('Tab');
    // The cursor's line ends in blanks that tmux does not show: a mark says where it is.
    terminal.type('|');
    const wanted = new RegExp(`shell> ${line.source.slice(0, -1)}\\|\\s*$`, 'm');
    await terminal.waitFor(wanted);
  });
});
