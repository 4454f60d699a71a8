import { describe, expect, test } from 'vitest';
import { splitCommand, startChild } from '../../../src/run/child.ts';

describe('words of -c', () => {
  test.each<readonly [string, readonly string[] | string]>([
    ['ls -l', ['ls', '-l']],
    ['  ls   -l ', ['ls', '-l']],
    [`echo "a b" 'c d' e\\ f`, ['echo', 'a b', 'c d', 'e f']],
    [`echo "a \\"b\\"" ''`, ['echo', 'a "b"', '']],
    ['echo $HOME | cat', ['echo', '$HOME', '|', 'cat']],
    ['echo "a', 'the command has no closing "'],
  ])('%s', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });
});

describe('the child', () => {
  test.each<readonly [string, string]>([
    ['/no/such/thing', "cannot run '/no/such/thing': no such command"],
    ['no-such-command-at-all x', "cannot run 'no-such-command-at-all': no such command"],
    ['', 'empty command'],
  ])('%s cannot start', (command, problem) => {
    expect(startChild(command)).toBe(problem);
  });

  test('runs only when released, under the pid known before, and gives its status', async () => {
    const child = startChild('sh -c "exit 3"');
    if (typeof child === 'string') throw new Error(child);
    expect(child.hasEnded).toBe(false);
    child.release();
    expect(await child.ended).toBe(3);
    expect(child.hasEnded).toBe(true);
  });

  test('never runs if we end before', async () => {
    const child = startChild('sh -c "exit 0"');
    if (typeof child === 'string') throw new Error(child);
    child.terminate();
    expect([127, 143]).toContain(await child.ended);
  });

  test('a signal is 128 + its number', async () => {
    const child = startChild('sh -c "kill -9 $$"');
    if (typeof child === 'string') throw new Error(child);
    child.release();
    expect(await child.ended).toBe(137);
  });
});
