/**
 * The probes that the kernel offers, as rows for the listing, and what `-lv` says of one of them.
 */

import type { CMember, CType } from '../ctype/ctype.ts';
import { declare } from '../kernel/btf/c-text.ts';
import type { BtfFunction, FunctionsByModule, KernelFacts } from '../kernel/facts.ts';
import { fieldText } from '../kernel/tracefs/format.ts';
import type { ProbeRow } from './listing.ts';

/** tracepointRows lists category and event. */
export function* tracepointRows({ tracepoints }: KernelFacts): Generator<ProbeRow> {
  for (const category of tracepoints.categories()) {
    for (const event of tracepoints.events(category)) yield [category, event];
  }
}

export function tracepointDetails({ tracepoints }: KernelFacts, [category = '', event = '']: ProbeRow) {
  return tracepoints.format(category, event)?.fields.map(fieldText) ?? [];
}

/** rawTracepointRows lists module and event. */
export function* rawTracepointRows({ types }: KernelFacts): Generator<ProbeRow> {
  for (const name of types.rawTracepointNames()) {
    const found = types.rawTracepoint(name);
    if (found !== undefined) yield [found.module, name];
  }
}

export function rawTracepointDetails({ types }: KernelFacts, [, event = '']: ProbeRow) {
  return parameterLines(types.rawTracepoint(event));
}

/** functionsByModule lists all functions. */
export function functionsByModule({ functions }: KernelFacts): FunctionsByModule {
  if (functions.byModule !== undefined) return functions.byModule();
  const modules = new Map<string, string[]>();
  for (const { name, module } of functions.list()) {
    const names = modules.get(module);
    if (names === undefined) modules.set(module, [name]);
    else names.push(name);
  }
  return modules;
}

/** typedFunctionsByModule lists those functions whose types are known. Both lists are sorted, so one pass meets all. */
export function typedFunctionsByModule(facts: KernelFacts): FunctionsByModule {
  const typed = facts.types.namesOf('function');
  const known = (names: readonly string[]) => {
    let at = 0;
    return names.filter((name) => {
      for (let next = typed[at]; next !== undefined && next < name; next = typed[at]) at++;
      return typed[at] === name;
    });
  };
  return new Map([...functionsByModule(facts)].map(([module, names]) => [module, known(names)]));
}

export function entryDetails({ types }: KernelFacts, [module, name = '']: ProbeRow) {
  return parameterLines(types.function(name, module));
}

export function exitDetails({ types }: KernelFacts, [module, name = '']: ProbeRow) {
  return exitLines(types.function(name, module));
}

export function exitLines(found: BtfFunction | undefined): string[] {
  return found === undefined ? [] : [...parameterLines(found), typeAndName(found.type.returns, 'retval')];
}

/** iteratorRows lists the kinds of objects that can be walked over. */
export function* iteratorRows({ types }: KernelFacts): Generator<ProbeRow> {
  for (const name of types.iteratorNames()) yield [name];
}

export function iteratorDetails({ types }: KernelFacts, [name = '']: ProbeRow) {
  const members = types.struct(`bpf_iter__${name}`)?.members.map(shownMember) ?? [];
  return members.filter((member) => member.name !== 'meta').map((member) => typeAndName(member.type, member.name));
}

/** BPF contexts wrap each pointer into a union with a 64-bit number, so that it is 64 bits wide everywhere. */
function shownMember(member: CMember): CMember {
  const [inner] = member.name === '' && member.type.kind === 'union' ? member.type.members : [];
  return inner ?? member;
}

export function parameterLines(found: BtfFunction | undefined): string[] {
  return found?.type.parameters.map(({ name, type }, index) => typeAndName(type, name || `arg${index}`)) ?? [];
}

/** `struct sock * sk`, with the star apart; where C puts the name within the type, as C does. */
function typeAndName(type: CType, name: string): string {
  return type.kind === 'array' || leadsToFunction(type) ? declare(type, name) : `${declare(type, '')} ${name}`;
}

function leadsToFunction(type: CType): boolean {
  return type.kind === 'pointer' && (type.target.kind === 'function' || leadsToFunction(type.target));
}
