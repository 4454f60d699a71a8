/**
 * Fields behind a `.` or `->`: the expression before it is followed from its start (`args`, `curtask`, a cast, a
 * variable that was given a cast) through its fields to a structure, by tokens alone.
 */

import type { CComposite, CType } from '../ctype/ctype.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { type ProviderName, providerNamed } from '../language/providers.ts';
import type { ScriptToken } from '../language/tokens.ts';
import { hasWildcard, wildcardMatcher } from '../text/wildcard.ts';
import type { Candidate } from './candidate.ts';

const DEEPEST = 16;

interface NamedField {
  readonly name: string;
  readonly type: CType | undefined;
  readonly declaration: string;
}

/** completeFields gives the fields of the expression that ends where `tokens` do; `all` holds the probe's head. */
export function completeFields(
  tokens: readonly ScriptToken[],
  all: readonly ScriptToken[],
  facts: KernelFacts,
): readonly Candidate[] {
  const fields = fieldsAt(tokens, all, facts, 0);
  return fields.map((field) => ({
    text: field.name,
    kind: tokens.at(-1)?.text === 'args' ? 'argument' : 'field',
    type: field.declaration,
    detail: tokens.at(-1)?.text === 'args' ? 'argument of the probe' : 'field',
  }));
}

function fieldsAt(
  tokens: readonly ScriptToken[],
  all: readonly ScriptToken[],
  facts: KernelFacts,
  depth: number,
): readonly NamedField[] {
  if (tokens.at(-1)?.text === 'args') return probeArguments(all, facts);
  const type = typeAt(tokens, all, facts, depth);
  return type ? structFields(type, facts) : [];
}

/** The type of the expression that ends at the last token. */
function typeAt(
  tokens: readonly ScriptToken[],
  all: readonly ScriptToken[],
  facts: KernelFacts,
  depth: number,
): CType | undefined {
  if (depth > DEEPEST) return undefined;
  const last = tokens.at(-1);
  const mark = tokens.at(-2)?.text;
  if (!last) return undefined;
  if (last.text === ']') return elementOf(typeAt(tokens.slice(0, opening(tokens)), all, facts, depth + 1), facts);
  if (last.text === ')') return castType(tokens.slice(opening(tokens), -1), facts);
  if (last.kind === 'variable') return variableType(last.text, all, facts, depth);
  if (last.kind !== 'identifier') return undefined;
  if (mark === '.' || mark === '->')
    return fieldsAt(tokens.slice(0, -2), all, facts, depth + 1).find((field) => field.name === last.text)?.type;
  switch (last.text) {
    case 'curtask':
      return facts.types.struct('task_struct');
    case 'ctx':
      return contextType(all, facts);
    case 'retval':
      return attachPointParts(all).provider === 'fexit' ? functionOf(all, facts)?.returns : undefined;
    default:
      return undefined;
  }
}

/** What `ctx` points to, by provider. */
function contextType(all: readonly ScriptToken[], facts: KernelFacts): CType | undefined {
  const { provider, parts } = attachPointParts(all);
  switch (provider) {
    case 'iter':
      return facts.types.struct(`bpf_iter__${parts[0] ?? ''}`);
    case 'kprobe':
    case 'kretprobe':
    case 'uprobe':
    case 'uretprobe':
      return facts.types.struct('pt_regs');
    case 'profile':
    case 'interval':
    case 'software':
    case 'hardware':
      return facts.types.struct('bpf_perf_event_data');
    default:
      return undefined;
  }
}

/** Index of the bracket that opens what the last token closes. */
function opening(tokens: readonly ScriptToken[]): number {
  let level = 0;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const text = tokens[at]?.text ?? '';
    if (text === ')' || text === ']') level++;
    else if ((text === '(' || text === '[') && --level === 0) return at;
  }
  return 0;
}

/** `( (struct name *) e`: the cast nearest to the start of the parenthesis. */
function castType(tokens: readonly ScriptToken[], facts: KernelFacts): CType | undefined {
  for (let at = 0; at < Math.min(tokens.length, 8); at++) {
    const token = tokens[at];
    const next = tokens[at + 1];
    if (token?.text === 'struct' && next) return facts.types.struct(next.text);
    if (token?.text === 'union' && next) return facts.types.union(next.text);
    if (token?.kind === 'identifier' && next?.text === '*')
      return facts.types.typedef(token.text) ?? facts.types.struct(token.text);
  }
  return undefined;
}

/** What is assigned to the variable first: a cast, or an expression whose type is known. */
function variableType(name: string, all: readonly ScriptToken[], facts: KernelFacts, depth: number): CType | undefined {
  for (let at = 0; at + 2 < all.length; at++) {
    if (all[at]?.text !== name || all[at + 1]?.text !== '=') continue;
    const end = all.findIndex((token, index) => index > at && (token.text === ';' || token.text === '}'));
    const value = all.slice(at + 2, end < 0 ? undefined : end);
    const cast = value[0]?.text === '(' ? castType(value, facts) : undefined;
    const type = cast ?? typeAt(value, all.slice(0, at), facts, depth + 1);
    if (type !== undefined) return type;
  }
  return undefined;
}

function attachPointParts(all: readonly ScriptToken[]): {
  readonly provider: ProviderName | undefined;
  readonly parts: readonly string[];
} {
  const [provider = '', ...parts] = all.findLast((token) => token.kind === 'attachPoint')?.text.split(':') ?? [];
  return { provider: providerNamed(provider), parts };
}

function functionOf(all: readonly ScriptToken[], facts: KernelFacts): (CType & { kind: 'function' }) | undefined {
  const { parts } = attachPointParts(all);
  return facts.types.function(parts.at(-1) ?? '', parts.length > 1 ? parts[0] : undefined)?.type;
}

/** The attach point of the probe that the cursor is in says what its arguments are. */
function probeArguments(all: readonly ScriptToken[], facts: KernelFacts): readonly NamedField[] {
  const { provider, parts } = attachPointParts(all);
  const [first = '', second = ''] = parts;
  switch (provider) {
    case 'tracepoint':
      return tracepointFields(first, second, facts);
    case 'fentry':
    case 'fexit':
      return parameters(functionOf(all, facts));
    case 'rawtracepoint':
      return parameters(facts.types.rawTracepoint(parts.at(-1) ?? '')?.type);
    case 'uprobe':
      return parameters(
        facts.binaries
          .resolve(first)
          .slice(0, 1)
          .map((path) => facts.binaries.functionType(path, second))[0],
      );
    default:
      return [];
  }
}

/** Formats are files: a wildcard's fields are those of its first events. */
const MOST_FORMATS = 48;

/** Of a wildcard the fields of any event count, those of most events first; the system call's number is wanted least. */
function tracepointFields(category: string, event: string, facts: KernelFacts): readonly NamedField[] {
  const { tracepoints } = facts;
  const found = new Map<string, { readonly field: NamedField; count: number }>();
  for (const [inCategory, name] of matchingEvents(category, event, facts).slice(0, MOST_FORMATS))
    for (const field of tracepoints.format(inCategory, name)?.fields ?? []) {
      const known = found.get(field.name);
      if (known !== undefined) known.count++;
      else
        found.set(field.name, {
          field: { name: field.name, type: field.type, declaration: field.declaration },
          count: 1,
        });
    }
  const isNumber = (name: string) => (name === '__syscall_nr' ? 1 : 0);
  return [...found.values()]
    .sort((one, other) => isNumber(one.field.name) - isNumber(other.field.name) || other.count - one.count)
    .map(({ field }) => field);
}

function matchingEvents(
  category: string,
  event: string,
  facts: KernelFacts,
): readonly (readonly [category: string, event: string])[] {
  if (!hasWildcard(category) && !hasWildcard(event)) return [[category, event]];
  const isWanted = wildcardMatcher(event);
  return facts.tracepoints
    .categories()
    .filter(wildcardMatcher(category))
    .flatMap((each) =>
      facts.tracepoints
        .events(each)
        .filter(isWanted)
        .map((name) => [each, name] as const),
    );
}

function parameters(type: (CType & { kind: 'function' }) | undefined): readonly NamedField[] {
  return (type?.parameters ?? []).map((parameter) => ({
    name: parameter.name,
    type: parameter.type,
    declaration: typeText(parameter.type),
  }));
}

function structFields(type: CType, facts: KernelFacts): readonly NamedField[] {
  const composite = compositeOf(type, facts);
  return composite ? flatten(composite, 0) : [];
}

/** Through pointers, typedefs and forward declarations to a structure. */
function compositeOf(type: CType, facts: KernelFacts): CComposite | undefined {
  let current: CType | undefined = type;
  for (let depth = 0; current && depth < DEEPEST; depth++) {
    switch (current.kind) {
      case 'struct':
      case 'union':
        return current;
      case 'pointer':
      case 'typedef':
        current = current.target;
        break;
      case 'forward':
        current = current.tag === 'enum' ? undefined : facts.types[current.tag](current.name);
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

function elementOf(type: CType | undefined, facts: KernelFacts): CType | undefined {
  if (type?.kind === 'array') return type.element;
  return type && (compositeOf(type, facts) ?? type);
}

/** Members of anonymous structures count as the structure's own. */
function flatten(composite: CComposite, depth: number): NamedField[] {
  return composite.members.flatMap((member) => {
    if (member.name !== '') return [{ name: member.name, type: member.type, declaration: typeText(member.type) }];
    const inner = member.type;
    return (inner.kind === 'struct' || inner.kind === 'union') && depth < DEEPEST ? flatten(inner, depth + 1) : [];
  });
}

function typeText(type: CType, depth = 0): string {
  if (depth > DEEPEST) return '…';
  switch (type.kind) {
    case 'pointer': {
      const target = typeText(type.target, depth + 1);
      return target.endsWith('*') ? `${target}*` : `${target} *`;
    }
    case 'array':
      return `${typeText(type.element, depth + 1)}[${type.length}]`;
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name}`.trim();
    case 'forward':
      return `${type.tag} ${type.name}`;
    case 'function':
      return 'function';
    case 'void':
      return 'void';
    default:
      return type.name;
  }
}
