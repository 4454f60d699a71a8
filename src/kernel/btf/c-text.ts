/**
 * C types as C text: declarations (`struct sock * sk`, `char comm[16]`) and whole definitions, as `-lv` lists them.
 */

import type { CComposite, CEnum, CMember, CType } from '../../ctype/ctype.ts';

/** declare writes a declaration of `name`; `star` is how a pointer's star is set off (`* ` in lists, `*` in structures). */
export function declare(type: CType, name: string, star = '*'): string {
  switch (type.kind) {
    case 'pointer': {
      const { target, qualifiers } = type;
      if (target.kind === 'array' || target.kind === 'function') return declare(target, `(*${name})`, star);
      if (!qualifiers) return declare(target, `${star}${name}`, star);
      // What is qualified is named before the words, if it is a pointer itself, else behind them.
      if (target.kind === 'pointer') return declare(target, `${qualifiers} ${star}${name}`, star);
      return `${qualifiers} ${declare(target, `${star}${name}`, star)}`;
    }
    case 'array':
      return declare(type.element, `${name}[${type.length === 0 ? '' : type.length}]`, star);
    case 'function': {
      const parameters = type.parameters.map((parameter) => declare(parameter.type, '', star));
      if (type.isVariadic) parameters.push('...');
      return declare(type.returns, `${name}(${parameters.join(', ') || 'void'})`, star);
    }
    default: {
      const base = baseName(type);
      return name === '' || name.startsWith('[') ? base + name : `${base} ${name}`;
    }
  }
}

function baseName(type: Exclude<CType, { kind: 'pointer' | 'array' | 'function' }>): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'struct':
    case 'union':
    case 'enum':
      return type.name === '' ? `${type.kind} {…}` : `${type.kind} ${type.name}`;
    case 'forward':
      return `${type.tag} ${type.name}`;
    default:
      return type.name;
  }
}

/** definitionLines writes out a struct, union or enum, indented by tabs. */
export function definitionLines(type: CComposite | CEnum): string[] {
  return bodyLines(type, `${type.kind} ${type.name} {`, ';');
}

function bodyLines(type: CComposite | CEnum, opening: string, closing: string): string[] {
  const inner =
    type.kind === 'enum'
      ? type.values.map(({ name, value }) => `${name} = ${value},`)
      : type.members.flatMap((member, index) => memberLines(member, index === type.members.length - 1));
  return [opening, ...inner.map((line) => `\t${line}`), `}${closing}`];
}

function memberLines(member: CMember, isLast: boolean): string[] {
  const width = member.bitSize === undefined ? '' : `: ${member.bitSize}`;
  const anonymous = anonymousBase(member.type);
  if (anonymous === undefined) {
    const text = declareMember(member);
    // Only the last member can be a flexible array; one that marks a place among others has no elements.
    return [`${isLast ? text : text.replace(/\[\]/g, '[0]')}${width};`];
  }
  // The text around the braces of a nested definition is that of a declaration of an impossible name.
  const [, around = ''] = declare(member.type, member.name).split('{…}');
  return bodyLines(anonymous, `${anonymous.kind} {`, `${around}${width};`);
}

/** A pointer that is constant itself says so between its star and its name. */
function declareMember({ type, name, qualifiers }: CMember): string {
  if (!qualifiers) return declare(type, name);
  return type.kind === 'pointer' ? declare(type, ` ${qualifiers} ${name}`) : `${qualifiers} ${declare(type, name)}`;
}

/** The nameless struct, union or enum that a member's type is made of, if it is. */
function anonymousBase(type: CType): CComposite | CEnum | undefined {
  if (type.kind === 'array') return anonymousBase(type.element);
  if (type.kind === 'pointer') return anonymousBase(type.target);
  const isNested = type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum';
  return isNested && type.name === '' ? type : undefined;
}
