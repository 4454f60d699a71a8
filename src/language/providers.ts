/**
 * The probe providers (language.md §11): names, aliases, how many parts their attach points have. The syntax asks where a
 * probe begins and whether a `/` is part of a path; checking, suggestions, completion and help read the rest.
 */

export interface ProviderRow {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Shown in help and after a malformed attach point. */
  readonly form: string;
  /** Numbers of parts after the provider that are possible. */
  readonly parts: readonly number[];
  readonly doc: string;
  /** The text after the first colon may hold a `/`, which then begins no predicate. */
  readonly takesPath?: boolean;
}

/** PROVIDERS is the one table of them. */
export const PROVIDERS = [
  {
    name: 'begin',
    aliases: [],
    form: 'begin',
    parts: [0],
    doc: 'runs once before all other probes',
  },
  {
    name: 'end',
    aliases: [],
    form: 'end',
    parts: [0],
    doc: 'runs once after all other probes',
  },
  {
    name: 'self',
    aliases: [],
    form: 'self:signal:SIGUSR1',
    parts: [2],
    doc: 'a signal sent to the tracer',
  },
  {
    name: 'test',
    aliases: [],
    form: 'test:name',
    parts: [0, 1],
    doc: 'runs with --test',
  },
  {
    name: 'bench',
    aliases: [],
    form: 'bench:name',
    parts: [0, 1],
    doc: 'runs with --bench',
  },
  {
    name: 'kprobe',
    aliases: ['k'],
    form: 'kprobe:[module:]function[+offset]',
    parts: [1, 2],
    doc: 'entry of a kernel function',
  },
  {
    name: 'kretprobe',
    aliases: ['kr'],
    form: 'kretprobe:[module:]function',
    parts: [1, 2],
    doc: 'return of a kernel function',
  },
  {
    name: 'fentry',
    aliases: ['f', 'kfunc'],
    form: 'fentry:[module:]function',
    parts: [1, 2, 3],
    doc: 'entry of a kernel function, with typed arguments',
  },
  {
    name: 'fexit',
    aliases: ['fr', 'kretfunc'],
    form: 'fexit:[module:]function',
    parts: [1, 2, 3],
    doc: 'return of a kernel function, with typed arguments',
  },
  {
    name: 'uprobe',
    takesPath: true,
    aliases: ['u'],
    form: 'uprobe:binary:function[+offset]',
    parts: [1, 2, 3],
    doc: 'entry of a user-space function',
  },
  {
    name: 'uretprobe',
    takesPath: true,
    aliases: ['ur'],
    form: 'uretprobe:binary:function',
    parts: [1, 2, 3],
    doc: 'return of a user-space function',
  },
  {
    name: 'usdt',
    takesPath: true,
    aliases: ['U'],
    form: 'usdt:binary:[namespace:]name',
    parts: [1, 2, 3],
    doc: 'a static marker of a program',
  },
  {
    name: 'tracepoint',
    aliases: ['t'],
    form: 'tracepoint:category:event',
    parts: [1, 2],
    doc: 'a static trace event of the kernel',
  },
  {
    name: 'rawtracepoint',
    aliases: ['rt'],
    form: 'rawtracepoint:[module:]event',
    parts: [1, 2],
    doc: 'a kernel tracepoint with its raw, typed arguments',
  },
  {
    name: 'software',
    aliases: ['s'],
    form: 'software:event[:count]',
    parts: [1, 2],
    doc: 'an event the kernel counts',
  },
  {
    name: 'hardware',
    aliases: ['h'],
    form: 'hardware:event[:count]',
    parts: [1, 2],
    doc: 'an event the processor counts',
  },
  {
    name: 'profile',
    aliases: ['p'],
    form: 'profile:hz:N',
    parts: [1, 2],
    doc: 'samples all CPUs at a rate',
  },
  {
    name: 'interval',
    aliases: ['i'],
    form: 'interval:s:N',
    parts: [1, 2],
    doc: 'runs at an interval on one CPU',
  },
  {
    name: 'watchpoint',
    takesPath: true,
    aliases: ['w'],
    form: 'watchpoint:address:length:mode',
    parts: [3],
    doc: 'access to a memory address',
  },
  {
    name: 'iter',
    takesPath: true,
    aliases: ['it'],
    form: 'iter:object[:pin]',
    parts: [1, 2],
    doc: 'walks over kernel objects once',
  },
] as const satisfies readonly ProviderRow[];

/** ProviderName is today's name of a provider. */
export type ProviderName = (typeof PROVIDERS)[number]['name'];

export type Provider = ProviderRow & { readonly name: ProviderName };

const BY_SPELLING: ReadonlyMap<string, Provider> = new Map(
  PROVIDERS.flatMap((row: Provider) => [row.name, ...row.aliases].map((spelling) => [spelling, row] as const)),
);

/** findProvider resolves a spelling; `U` is usdt while `u` is uprobe, else case does not matter. */
export function findProvider(spelling: string): Provider | undefined {
  return BY_SPELLING.get(spelling) ?? BY_SPELLING.get(spelling.toLowerCase());
}

/** providerNamed gives today's name of a provider. */
export function providerNamed(spelling: string): ProviderName | undefined {
  return findProvider(spelling)?.name;
}

/** takesPath says whether text after the first colon may hold a `/`; so it is assumed of unknown ones and globs. */
export function takesPath(spelling: string): boolean {
  const provider = findProvider(spelling);
  return provider === undefined || provider.takesPath === true;
}
