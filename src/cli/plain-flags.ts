/**
 * Values of options without meow, for the bundle that only checks: loading meow would be a tenth of a check. What is left to
 * do is little, as the words are in canonical form; test/pure/cli holds the two readers against each other.
 */

import type { Flags, GivenOption } from './command-line.ts';
import { type CliOption, OPTIONS } from './options.ts';

/** absentValue is the value of an option that was not given. */
export function absentValue(option: CliOption): boolean | readonly string[] | undefined {
  return option.value === undefined ? false : option.isRepeatable ? [] : undefined;
}

/** readFlagsPlainly gives the same values as meow. */
export function readFlagsPlainly(given: readonly GivenOption[]): Flags {
  const flags: { [name: string]: unknown } = {};
  for (const option of OPTIONS as readonly CliOption[]) flags[option.name] = absentValue(option);
  for (const { option, value } of given) {
    const text = value ?? option.choices?.[0] ?? '';
    flags[option.name] =
      option.value === undefined
        ? true
        : option.isRepeatable
          ? [...(flags[option.name] as readonly string[]), text]
          : text;
  }
  return flags as unknown as Flags;
}
