/** Runs at a shell in a real terminal: Ctrl-C once and twice, jobs, the terminal that is closed; `-c` and its command. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ENTRY } from '../support/bptop.ts';
import { Tmux } from './tmux.ts';

const canRun = process.geteuid?.() === 0 && existsSync('/usr/bin/tmux');
const PATIENCE_MS = 30_000;

let terminal: Tmux;
let isOpen = false;
afterEach(() => {
  if (isOpen) terminal.close();
  isOpen = false;
});

/** A shell in which `bptop` is the built program; `mark` is in the command line of whatever the test starts. */
function shell(): { readonly run: (command: string) => void; readonly mark: string } {
  terminal = new Tmux(100, 40);
  isOpen = true;
  const mark = `mark${process.pid}${Math.random().toString(36).slice(2)}`;
  type(`bptop() { ${process.execPath} ${ENTRY} "$@" $MARK; }; MARK=${mark}; clear`);
  return { run: type, mark };
}

function type(line: string): void {
  terminal.type(line);
  terminal.press('Enter');
}

/** Processes with the mark in their command line, other than the shell's own. */
function marked(mark: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!(pid > 0)) return [];
    try {
      return readFileSync(join('/proc', name, 'cmdline'), 'latin1').includes(mark) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`${what}\n${isOpen ? terminal.screen() : ''}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const FOREVER = '\'BEGIN { @x = 5; } interval:s:100 { } END { printf("the end\\n"); }\'';

describe.runIf(canRun)('a run at a terminal', () => {
  test('Ctrl-C prints the maps and gives the shell back', async () => {
    const { run, mark } = shell();
    run(`bptop -e ${FOREVER}; echo status''=$?`);
    await terminal.waitFor(/Attached 3 probes/);
    terminal.press('C-c');
    await terminal.waitFor(/the end\n\n\n@x: 5\nstatus=0/);
    await until(() => marked(mark).length === 0, 'still running');
  });

  test('a second Ctrl-C leaves at once', async () => {
    const { run, mark } = shell();
    run(
      `bptop --unsafe -e 'interval:ms:50 { printf("waiting\\n"); system("trap \\"\\" INT; sleep 30 # ${mark}"); }'; echo status''=$?`,
    );
    await terminal.waitFor(/^waiting/m);
    terminal.press('C-c');
    await new Promise((done) => setTimeout(done, 500));
    expect(terminal.screen()).not.toContain('status=');
    terminal.press('C-c');
    // bash gives up the whole line when a signal has ended the program: no status is printed.
    await terminal.waitFor(/\^C\s*\^C\nshell>/);
  });

  test('Ctrl-C ends the command of -c too, and its probes still report', async () => {
    const { run, mark } = shell();
    run(`bptop -e ${FOREVER} -c "sh -c 'sleep 1000 # ${mark}'"; echo status''=$?`);
    await terminal.waitFor(/Attached 3 probes/);
    await until(() => marked(mark).length >= 2, 'the command does not run');
    terminal.press('C-c');
    await terminal.waitFor(/the end\n\n\n@x: 5\nstatus=/);
    await until(() => marked(mark).length === 0, 'still running');
  });

  test('closing the terminal leaves nothing running', async () => {
    const { run, mark } = shell();
    run(`bptop -e ${FOREVER} -c "sh -c 'sleep 1000 # ${mark}'"`);
    await terminal.waitFor(/Attached 3 probes/);
    await until(() => marked(mark).length >= 2, 'the command does not run');
    terminal.close();
    isOpen = false;
    await until(() => marked(mark).length === 0, 'still running');
  });

  test('closing the terminal on a flood of output leaves nothing running', async () => {
    const { run, mark } = shell();
    run('bptop -e \'interval:us:50 { printf("line %d\\n", nsecs); }\'');
    await terminal.waitFor(/line \d+\nline \d+/);
    terminal.close();
    isOpen = false;
    await until(() => marked(mark).length === 0, 'still running');
  });

  test('text of traced programs cannot drive the terminal', async () => {
    const { run } = shell();
    run(
      'bptop -q -e \'tracepoint:syscalls:sys_enter_unlink { printf("%s|\\n", str(args.pathname)); exit(); }\' -c "unlink $(printf \'/no/\\033[2J\\007x\')"',
    );
    await terminal.waitFor(/\/no\/.*\[2J.*x\|/);
  });
});
