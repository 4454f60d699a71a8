/**
 * From a probe's attach points to groups of sites: one group is one body, one program. Sites share a group if their
 * provider is the same and the arguments that the body names lie alike; a body without arguments has one group per
 * provider, however many sites a wildcard gave.
 */

import type { Probe } from '../../language/ast.ts';
import type { Checker } from '../checker.ts';
import type { AttachSite } from '../program.ts';
import { VariableStore } from '../scopes.ts';
import { walkNodes } from '../walk.ts';
import { type ExpandedSite, expandAttachPoint } from './expand.ts';
import type { ProbeArguments, ProbeContext } from './probe-context.ts';

export interface ProbeGroup {
  readonly node: Probe;
  readonly context: ProbeContext;
  /** Kept over all passes, so that types can grow. */
  readonly variables: VariableStore;
}

/** NameTable numbers probe names. */
export class NameTable {
  readonly names: string[] = [];
  readonly #ids = new Map<string, number>();

  id(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.#ids.set(name, id);
    }
    return id;
  }
}

/** groupSites expands a probe's attach points. A probe whose attach points all fail is checked all the same. */
export function groupSites(
  checker: Checker,
  node: Probe,
  names: NameTable,
  isWanted: (name: string) => boolean,
): readonly ProbeGroup[] {
  const usage = argumentUsage(node);
  const groups = new Map<string, { sites: AttachSite[]; args: ProbeArguments; first: ExpandedSite }>();
  let isFiltered = false;
  for (const attachPoint of node.attachPoints) {
    for (const expanded of expandAttachPoint(checker, attachPoint)) {
      if (!isWanted(expanded.site.name)) {
        isFiltered = true;
        continue;
      }
      const args: ProbeArguments = usage.isUsed ? expanded.args() : { kind: 'none' };
      const key = `${expanded.site.provider} ${expanded.argumentSpace} ${layoutKey(args, usage)} ${siteKey(expanded)}`;
      // Not a copy, which would ask for what the site only looks up when it is needed.
      const site = Object.assign(expanded.site, { nameId: names.id(expanded.site.name) }) as AttachSite;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { sites: [site], args, first: expanded });
      else group.sites.push(site);
    }
  }
  if (groups.size === 0 && isFiltered) return [];
  if (groups.size === 0) return [unknownGroup(node)];
  return [...groups.values()].map(({ sites, args, first }) => ({
    node,
    context: {
      provider: first.site.provider,
      sites,
      args,
      knownArgs: first.args,
      argumentSpace: first.argumentSpace,
      span: node.span,
    },
    variables: new VariableStore(),
  }));
}

const UNKNOWN: ProbeArguments = { kind: 'unknown' };

function unknownGroup(node: Probe): ProbeGroup {
  return {
    node,
    context: {
      provider: 'begin',
      sites: [],
      args: UNKNOWN,
      knownArgs: () => UNKNOWN,
      argumentSpace: 'kernel',
      span: node.span,
    },
    variables: new VariableStore(),
  };
}

/** What cannot share a program whatever the body says: trampolines and iterators attach to one thing each. */
function siteKey({ site }: ExpandedSite): string {
  switch (site.provider) {
    case 'fentry':
    case 'fexit':
    case 'rawtracepoint':
    case 'iter':
    case 'begin':
    case 'end':
    case 'self':
    case 'test':
    case 'bench':
      return site.name;
    case 'tracepoint':
      // System calls collapse to one program at the raw tracepoint, one for entering and one for leaving.
      return site.syscallNumber === undefined ? '' : site.event.startsWith('sys_enter') ? 'enter' : 'exit';
    default:
      return '';
  }
}

interface ArgumentUsage {
  readonly isUsed: boolean;
  /** Names behind `args.`; undefined if `args` is used as a whole. */
  readonly names: ReadonlySet<string> | undefined;
}

const CONTEXT_WORD = /^(args|arg\d+|retval|ctx|sarg\d+)$/;

/** Which arguments a body names, by its words alone. */
function argumentUsage(node: Probe): ArgumentUsage {
  const names = new Set<string>();
  let isUsed = false;
  let isWhole = false;
  walkNodes([node.predicate, node.body], (each) => {
    if (each.kind === 'Member') {
      const member = each as typeof each & {
        name?: unknown;
        object?: { kind?: unknown; name?: unknown; operand?: unknown };
      };
      if (member.object?.kind === 'Identifier' && member.object.name === 'args') {
        names.add(String(member.name));
        isUsed = true;
        return false;
      }
    }
    if (each.kind === 'Identifier' || each.kind === 'Call') {
      const word = String((each as { name?: unknown }).name);
      if (CONTEXT_WORD.test(word)) {
        isUsed = true;
        isWhole ||= word === 'args';
      }
    }
    return undefined;
  });
  return { isUsed, names: isWhole ? undefined : names };
}

function layoutKey(args: ProbeArguments, usage: ArgumentUsage): string {
  switch (args.kind) {
    case 'tracepoint': {
      const used = args.fields.filter((field) => usage.names?.has(field.name) ?? true);
      return `${args.syscall ?? ''}|${used.map((field) => `${field.name}:${field.declaration}:${field.offset}:${field.size}:${field.isSigned}`).join('|')}`;
    }
    case 'function':
      return args.parameters.map((parameter) => parameter.name).join('|') + args.description;
    case 'markers':
      return args.description;
    default:
      return args.kind;
  }
}
