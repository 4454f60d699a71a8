/** Candidates inside of blocks and predicates: by what stands before the cursor, fields, maps, variables or names. */

import type { KernelFacts } from '../kernel/facts.ts';
import { BUILTIN_DOCS, type DocRow } from '../language/docs.ts';
import { FUNCTION_DOCS, KEYWORD_DOCS } from '../language/docs-functions.ts';
import type { ScriptToken } from '../language/tokens.ts';
import { CONFIG_KEYS } from '../semantics/config.ts';
import type { Candidate, Candidates } from './candidate.ts';
import { completeFields } from './fields.ts';

export interface CodeContext {
  /** All of the text: what stands behind the cursor may name maps and variables, too. */
  readonly text: string;
  readonly before: string;
  /** `config`, `let`, `macro`, `fn`, or undefined in a probe. */
  readonly item: string | undefined;
  readonly facts: KernelFacts;
}

/** Words that a few functions take as their argument. */
const ARGUMENT_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['nsecs', ['boot', 'monotonic', 'tai', 'sw_tai']],
  ['kstack', ['bpftrace', 'perf', 'raw']],
  ['ustack', ['bpftrace', 'perf', 'raw', 'build_id']],
  ['pid', ['init', 'curr_ns']],
  ['tid', ['init', 'curr_ns']],
]);

/** completeCode gives candidates for the end of the tokens. */
export function completeCode(tokens: readonly ScriptToken[], context: CodeContext): Candidates {
  const last = tokens.at(-1);
  const isAtLast = last !== undefined && last.end === context.before.length;
  const isWord = isAtLast && (last.kind === 'identifier' || last.kind === 'variable' || last.kind === 'map');
  const prefix = isWord || (isAtLast && last.kind === 'invalid') ? last.text : '';
  const rest = prefix === '' ? tokens : tokens.slice(0, -1);
  const previous = rest.at(-1);
  if (prefix.startsWith('$')) return { prefix, candidates: variables(context) };
  if (prefix.startsWith('@')) return { prefix, candidates: maps(context) };
  if (previous?.text === '.' || previous?.text === '->')
    return { prefix, candidates: completeFields(tokens.slice(0, rest.length - 1), tokens, context.facts) };
  if (isAtLast && (last.kind === 'integer' || last.kind === 'string' || last.kind === 'positional'))
    return { prefix, candidates: [] };
  if (context.item === 'config') return { prefix, candidates: configKeys() };
  if (context.item === 'let' && previous?.text === '=') return { prefix, candidates: mapKinds() };
  if (previous?.text === 'struct' || previous?.text === 'union') return { prefix, candidates: structs(context.facts) };
  const modes = previous?.text === '(' ? ARGUMENT_WORDS.get(rest.at(-2)?.text ?? '') : undefined;
  const words = (modes ?? []).map((text): Candidate => ({ text, kind: 'argument', type: 'mode', detail: 'argument' }));
  // All names there are would be no help before the first letter.
  if (prefix === '') return { prefix, candidates: words };
  return {
    prefix,
    candidates: [
      ...words,
      ...rows(BUILTIN_DOCS, 'builtin'),
      ...rows(FUNCTION_DOCS, 'function'),
      ...macros(context.text),
      ...rows(KEYWORD_DOCS, 'keyword'),
      ...variables(context),
      ...maps(context),
    ],
  };
}

function rows(docs: readonly DocRow[], kind: Candidate['kind']): Candidate[] {
  return docs.map((doc) => ({
    text: kind === 'function' ? `${doc.name}(` : doc.name,
    kind,
    type: doc.signature,
    detail: doc.summary,
  }));
}

/** Names are found in the text, not in its tree: it is seldom whole while someone types. */
function variables({ text }: CodeContext): Candidate[] {
  return names(text, /\$[A-Za-z_]\w*/g).map((name) => ({
    text: name,
    kind: 'variable',
    type: '',
    detail: 'scratch variable',
  }));
}

function maps({ text }: CodeContext): Candidate[] {
  return names(text, /@\w*/g).map((name) => ({
    text: name,
    kind: 'map',
    type: mapType(text, name),
    detail: 'map',
  }));
}

/** What is assigned to a map says most about it: `hist(…)`. */
function mapType(text: string, name: string): string {
  const assignment = new RegExp(`${name}(?:\\[[^\\]\\n]*\\])?\\s*=\\s*(\\w+)\\s*\\(`).exec(text);
  return assignment?.[1] === undefined ? '' : `${assignment[1]}()`;
}

function macros(text: string): Candidate[] {
  return [...text.matchAll(/\bmacro\s+(\w+)\s*(\([^)\n]*\))/g)].map((match) => ({
    text: `${match[1]}(`,
    kind: 'function',
    type: `macro ${match[1]}${match[2]}`,
    detail: 'macro of this script',
  }));
}

function names(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[0]))];
}

function configKeys(): Candidate[] {
  return Object.keys(CONFIG_KEYS).map((key) => ({ text: key, kind: 'keyword', type: '', detail: 'setting' }));
}

function mapKinds(): Candidate[] {
  return ['hash', 'lruhash', 'percpuhash', 'percpulruhash'].map((text) => ({
    text: `${text}(`,
    kind: 'keyword',
    type: `${text}(entries)`,
    detail: 'kind of map',
  }));
}

function structs(facts: KernelFacts): Candidate[] {
  return facts.types
    .structNames()
    .map((text) => ({ text, kind: 'keyword', type: 'struct', detail: 'kernel structure' }));
}
