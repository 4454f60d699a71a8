/** `-l 'struct X'`, `union`, `enum`: the names that match, or with `-v` their definitions as C text. */

import { definitionLines } from '../kernel/btf/c-text.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { wildcardMatcher } from '../text/wildcard.ts';

type Kind = 'struct' | 'union' | 'enum';

const PATTERN = /^\s*(struct|union|enum)\s+(\S+)\s*$/;

/** isDefinitionPattern tells these patterns from those of probes. */
export function isDefinitionPattern(pattern: string): boolean {
  return PATTERN.test(pattern);
}

/** listDefinitions gives the lines for one such pattern. */
export function listDefinitions(pattern: string, facts: KernelFacts, isVerbose: boolean): string[] {
  const [, kind, wanted = ''] = PATTERN.exec(pattern) ?? [];
  if (kind !== 'struct' && kind !== 'union' && kind !== 'enum') return [];
  return namesMatching(kind, wanted, facts).flatMap((name) => {
    if (!isVerbose) return [`${kind} ${name}`];
    const type = facts.types[kind](name);
    if (type === undefined) return [];
    const [first = '', ...rest] = definitionLines(type);
    return [`vmlinux: ${first}`, ...rest, ''];
  });
}

function namesMatching(kind: Kind, wanted: string, facts: KernelFacts): readonly string[] {
  if (/^\w+$/.test(wanted)) return facts.types[kind](wanted) === undefined ? [] : [wanted];
  return facts.types.namesOf(kind).filter(wildcardMatcher(wanted));
}
