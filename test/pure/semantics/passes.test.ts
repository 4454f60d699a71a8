import { expect, test, vi } from 'vitest';
import { Checker } from '../../../src/semantics/checker.ts';
import { check, meaningOf } from './support.ts';

test.each<[program: string, passes: number]>([
  ['begin { print(1); }', 1],
  ['begin { @a[comm, pid] = count(); $x = nsecs; @b = hist($x); print(@a); }', 1],
  ['begin { @a = 1; } end { print(@a); }', 1],
  // Read before anything says what it is.
  ['begin { print(@a); } end { @a = 1; }', 2],
  // Seen as a small one, and grown afterwards.
  ['begin { $x = (int8)1; print($x); $x = nsecs; }', 2],
  ['begin { @a["x"] = 1; @a["longer than that"] = 2; }', 2],
  ['begin { $d = nsecs - elapsed; print($d / 1000); $d = -1; }', 2],
  ['begin { $t = (1, nsecs - elapsed); print($t.1 / 1000); $t = (1, -1); }', 2],
  ['begin { if (pid) { $x = 1; } print($x); }', 2],
  // Nothing ever says: one pass to see that, one to guess, one with what was guessed.
  ['begin { @a++; }', 3],
])('%s: %i passes', (program, passes) => {
  const startPass = vi.spyOn(Checker.prototype, 'startPass');
  check(program);
  expect(startPass).toHaveBeenCalledTimes(passes);
  startPass.mockRestore();
});

test('the first mention has the type that the last one gives', () =>
  expect(meaningOf('begin { print(@a); @a["x"] = 1; } end { @a["longer than that"] = nsecs; }')).toBe(
    '@a[string[17]]: uint64; print @a top 0 div 1 (); @a["x":string[17]] = 1:uint64; end; @a["longer than that":string[17]] = nsecs:uint64',
  ));
