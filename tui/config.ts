/**
 * The configuration file `$XDG_CONFIG_HOME/bptop/config.json`. Every field is optional; a mistake is one clear message
 * and the default, never a refusal to start.
 */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearestName } from '../src/diagnostics/nearest.ts';
import { COMMANDS, isKeyName } from './commands/registry.ts';
import { lineOfField, whereJsonBreaks } from './json-mistakes.ts';
import { COLOR_DEPTHS, type ColorDepth } from './theme/color-depth.ts';
import { THEMES } from './theme/themes.ts';

export { isUnicodeLocale } from './theme/color-depth.ts';

export interface Config {
  readonly theme?: string;
  readonly colors?: ColorDepth;
  readonly ascii?: boolean;
  readonly mouse?: boolean;
  /** Seconds. */
  readonly interval?: number;
  /** Percent of one CPU that a panel's probes may take. */
  readonly budget?: number;
  /** Mebibytes of snapshots kept for stepping back. */
  readonly history?: number;
  /** Tools of the overview. */
  readonly panels?: readonly string[];
  /** Command to keys. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly problems: readonly string[];
}

/** A check returns what is wrong, or undefined. */
type Check = (value: unknown) => string | undefined;

const FIELDS: Readonly<Record<keyof Config, Check>> = {
  theme: oneOf(THEMES.map((theme) => theme.name)),
  colors: oneOf(COLOR_DEPTHS),
  ascii: isBoolean,
  mouse: isBoolean,
  interval: isNumber(0.1, 3600),
  budget: isNumber(0.1, 10_000),
  history: isNumber(1, 4096),
  panels: (value) => (isStrings(value) ? undefined : 'must be a list of tool names'),
  keys: checkKeys,
};

/** configFolder gives `$XDG_CONFIG_HOME/bptop`. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'bptop');
}

/** stateFolder gives `$XDG_STATE_HOME/bptop`. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'bptop');
}

/** loadConfig reads the file of a folder; none is fine. */
export function loadConfig(folder: string): LoadedConfig {
  const path = join(folder, 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { config: {}, problems: isMissing ? [] : [`cannot read ${path}: ${messageOf(error)}`] };
  }
  const { config, problems } = parseConfig(text);
  return { config, problems: problems.map((problem) => `${path}: ${problem}`) };
}

/** parseConfig checks the text of a configuration; fields with mistakes are left out. */
export function parseConfig(text: string): LoadedConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { config: {}, problems: [`no valid JSON: ${whereJsonBreaks(text)}`] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { config: {}, problems: ['must be an object in braces'] };
  const problems: string[] = [];
  const kept: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) {
    const check = FIELDS[name as keyof Config];
    if (check === undefined) {
      const near = nearestName(name, Object.keys(FIELDS));
      problems.push(
        `line ${lineOfField(text, name)}: unknown field '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`,
      );
      continue;
    }
    const problem = check(field);
    if (problem === undefined) kept.push([name, field]);
    else problems.push(`line ${lineOfField(text, name)}: '${name}' ${problem}`);
  }
  return { config: Object.fromEntries(kept), problems };
}

function oneOf(values: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `must be one of ${values.join(', ')}`;
}

function isBoolean(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'must be true or false';
}

function isNumber(min: number, max: number): Check {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max ? undefined : `must be a number from ${min} to ${max}`;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function checkKeys(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must map commands to lists of keys';
  const names = COMMANDS.map((command) => command.name);
  const seen = new Map<string, string>();
  for (const [name, keys] of Object.entries(value)) {
    if (!names.includes(name)) {
      const near = nearestName(name, names);
      return `has no command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`;
    }
    if (!isStrings(keys)) return `'${name}' must be a list of keys, such as ["p", "ctrl+p"]`;
    for (const key of keys) {
      const other = seen.get(key);
      if (other !== undefined) return `gives '${key}' to both '${other}' and '${name}'`;
      if (!isKeyName(key))
        return `gives '${name}' the key '${key}', which is none: write a letter, f5, ctrl+p, pageup, …`;
      seen.set(key, name);
    }
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
