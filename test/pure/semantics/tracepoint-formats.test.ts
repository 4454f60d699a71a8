import { expect, test } from 'vitest';
import { compileScript } from '../../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

/** The formats that compiling the program reads, by event. */
function readFormats(text: string): readonly string[] {
  const facts = recordedFacts();
  const read = new Set<string>();
  const tracepoints = {
    categories: () => facts.tracepoints.categories(),
    events: (category: string) => facts.tracepoints.events(category),
    format(category: string, event: string) {
      read.add(`${category}:${event}`);
      return facts.tracepoints.format(category, event);
    },
  };
  const { diagnostics, object } = compileScript(
    { name: 'test', text },
    { ...facts, tracepoints },
    { ...DEFAULT_OPTIONS, depth: 'object' },
  );
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(object?.programs.length).toBeGreaterThan(0);
  return [...read].sort();
}

test.each<[program: string, formats: readonly string[]]>([
  ['tracepoint:syscalls:sys_enter_* { @[probe] = count(); }', []],
  ['tracepoint:sched:sched_w* { @[probe] = count(); }', []],
  ['tracepoint:syscalls:sys_enter_openat { @ = count(); }', ['syscalls:sys_enter_openat']],
  ['tracepoint:syscalls:sys_exit_open* { @ = sum(args.ret); }', ['syscalls:sys_exit_openat']],
])('%s reads %j', (program, formats) => {
  const read = readFormats(program);
  if (formats.length > 0) expect(read).toEqual(expect.arrayContaining([...formats]));
  else expect(read).toEqual([]);
});
