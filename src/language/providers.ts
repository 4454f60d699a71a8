/**
 * What the syntax alone needs to know about providers: their spellings (to see where a probe begins when a brace is
 * missing) and which of them take paths (in whose text a `/` does not begin a predicate).
 */

/** PROVIDER_ALIASES maps each spelling, in lower case, to today's name. */
export const PROVIDER_ALIASES: ReadonlyMap<string, string> = new Map([
  ['begin', 'begin'],
  ['end', 'end'],
  ['self', 'self'],
  ['test', 'test'],
  ['bench', 'bench'],
  ['kprobe', 'kprobe'],
  ['k', 'kprobe'],
  ['kretprobe', 'kretprobe'],
  ['kr', 'kretprobe'],
  ['fentry', 'fentry'],
  ['f', 'fentry'],
  ['kfunc', 'fentry'],
  ['fexit', 'fexit'],
  ['fr', 'fexit'],
  ['kretfunc', 'fexit'],
  ['uprobe', 'uprobe'],
  ['u', 'uprobe'],
  ['uretprobe', 'uretprobe'],
  ['ur', 'uretprobe'],
  ['usdt', 'usdt'],
  ['tracepoint', 'tracepoint'],
  ['t', 'tracepoint'],
  ['rawtracepoint', 'rawtracepoint'],
  ['rt', 'rawtracepoint'],
  ['software', 'software'],
  ['s', 'software'],
  ['hardware', 'hardware'],
  ['h', 'hardware'],
  ['profile', 'profile'],
  ['p', 'profile'],
  ['interval', 'interval'],
  ['i', 'interval'],
  ['watchpoint', 'watchpoint'],
  ['w', 'watchpoint'],
  ['asyncwatchpoint', 'asyncwatchpoint'],
  ['aw', 'asyncwatchpoint'],
  ['iter', 'iter'],
  ['it', 'iter'],
]);

const PATH_PROVIDERS: ReadonlySet<string> = new Set([
  'uprobe',
  'uretprobe',
  'usdt',
  'watchpoint',
  'asyncwatchpoint',
  'iter',
]);

/** providerNamed gives today's name of a provider; `U` is usdt while `u` is uprobe, else case is ignored. */
export function providerNamed(spelling: string): string | undefined {
  if (spelling === 'U') return 'usdt';
  return PROVIDER_ALIASES.get(spelling.toLowerCase());
}

/** takesPath says whether text after the first colon may hold a `/`; so it is assumed of unknown ones and globs. */
export function takesPath(spelling: string): boolean {
  const name = providerNamed(spelling);
  return name === undefined || PATH_PROVIDERS.has(name);
}
