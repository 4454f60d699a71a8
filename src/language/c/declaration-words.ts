/** The words that C declarations are made of, beside those of the base types. */

export type Tag = 'struct' | 'union' | 'enum';

/** QUALIFIERS say nothing about the layout of a type. */
export const QUALIFIERS: ReadonlySet<string> = new Set([
  'const',
  'volatile',
  'restrict',
  '__restrict',
  '__restrict__',
  '__const',
  '__volatile__',
  'static',
  'extern',
  'inline',
  '__inline',
  '__inline__',
  '_Noreturn',
  'register',
  'auto',
  '_Thread_local',
  '__thread',
  '__extension__',
  '_Atomic',
  '__user',
  '__kernel',
  '__iomem',
  '__percpu',
  '__rcu',
  '__force',
  '__bitwise',
]);

/** ATTRIBUTE_WORDS come with parentheses. */
export const ATTRIBUTE_WORDS: ReadonlySet<string> = new Set(['__attribute__', '__attribute', '__declspec', '_Alignas']);

/** TAGS begin a type that has a name of its own. */
export const TAGS: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);
