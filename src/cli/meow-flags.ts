/** Values of options by meow, from words in canonical form. */

import meow from 'meow';
import type { Flags, GivenOption } from './command-line.ts';
import { type CliOption, OPTIONS } from './options.ts';
import { absentValue } from './plain-flags.ts';

/** meow's own rules would read `--no-x` as the opposite of `--x`: here it is an option like any other. */
function meowName(option: CliOption): string {
  return option.name.replace(/^no-/, 'without-');
}

function meowKey(option: CliOption): string {
  return meowName(option).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** readFlagsByMeow describes only options that were used to meow: describing all of them costs a tenth of a short run. */
export function readFlagsByMeow(given: readonly GivenOption[]): Flags {
  const options: readonly CliOption[] = OPTIONS;
  const argv: string[] = [];
  const used = options.filter((option) => given.some((use) => use.option === option));
  for (const option of used) {
    const uses = given.filter((use) => use.option === option);
    const name = meowName(option);
    for (const use of option.isRepeatable ? uses : uses.slice(-1)) {
      // In quotes, as meow takes one pair off whatever it is given: a program may be `"a" "b"`.
      argv.push(option.value === undefined ? `--${name}` : `--${name}="${use.value ?? option.choices?.[0] ?? ''}"`);
    }
  }
  // meow sets `process.title`, which would wipe the arguments that ps and pkill -f look at. Once deleted, the property is
  // like any other and setting it touches nothing (Node.js 20).
  Reflect.deleteProperty(process, 'title');
  const { flags } = meow({
    importMeta: { url: import.meta.url } as ImportMeta,
    argv,
    pkg: {},
    help: false,
    description: false,
    autoHelp: false,
    autoVersion: false,
    flags: Object.fromEntries(
      used.map((option) => [
        meowKey(option),
        option.value === undefined
          ? { type: 'boolean' as const, default: false }
          : option.isRepeatable
            ? { type: 'string' as const, isMultiple: true as const }
            : { type: 'string' as const },
      ]),
    ),
  });
  return Object.fromEntries(
    options.map((option) => [option.name, used.includes(option) ? flags[meowKey(option)] : absentValue(option)]),
  ) as unknown as Flags;
}
