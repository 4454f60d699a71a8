/**
 * The text of a tracepoint's `format` file → TracepointFormat. The first fields, `common_*`, belong to the trace
 * buffer and are not a program's to read; they are left out.
 */

import type { CType } from '../../ctype/ctype.ts';
import type { TracepointField, TracepointFormat, TypeFacts } from '../facts.ts';
import { parseDeclaration } from './declaration.ts';

const FIELD = /^\s*field:(.*);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(\d+);)?\s*$/;
/** Everything up to the last name; a function pointer's name stands within. */
const NAMED = /^(.*?)\b([A-Za-z_]\w*)\s*((?:\[[^\]]*\])*)$/;

/** parseFormat reads the file; undefined if there is no field list in it. */
export function parseFormat(
  category: string,
  event: string,
  text: string,
  types: TypeFacts,
): TracepointFormat | undefined {
  if (!text.includes('format:')) return undefined;
  const isUser = category === 'syscalls';
  const fields = text
    .split('\n')
    .map((line) => parseField(line, isUser, types))
    .filter((field) => field !== undefined);
  return {
    category,
    event,
    id: Number(/^ID:\s*(\d+)/m.exec(text)?.[1] ?? 0),
    fields,
    size: fields.reduce((end, field) => Math.max(end, field.offset + field.size), 0),
  };
}

function parseField(line: string, isUser: boolean, types: TypeFacts): TracepointField | undefined {
  const [, whole, offset, size, signed] = FIELD.exec(line) ?? [];
  if (whole === undefined) return undefined;
  const pointer = /^(.*\(\s*\*\s*)(\w+)(\s*\).*)$/.exec(whole);
  const [, before = '', name = '', after = ''] = pointer ?? NAMED.exec(whole) ?? [];
  if (name === '' || name.startsWith('common_')) return undefined;
  const declaration = before.trimEnd() + after;
  const shape = { size: Number(size), isSigned: signed === '1', isUser };
  const location = declaration.startsWith('__data_loc')
    ? 'absolute'
    : declaration.startsWith('__rel_loc')
      ? 'relative'
      : undefined;
  let type: CType | undefined;
  return {
    name,
    declaration,
    offset: Number(offset),
    size: shape.size,
    isSigned: shape.isSigned,
    ...(location && { location }),
    get type() {
      type ??= parseDeclaration(declaration, shape, types);
      return type;
    },
  };
}

/** fieldText gives back what the format file says between `field:` and `;`. */
export function fieldText(field: TracepointField): string {
  const { declaration, name } = field;
  if (field.location !== undefined) return `${declaration} ${name}`;
  const [, base = declaration, suffix = ''] =
    /^(.*\(\s*\*\s*)(\s*\).*)$/.exec(declaration) ?? /^(.*?)((?:\[[^\]]*\])*)$/.exec(declaration) ?? [];
  return base.endsWith('(*') ? base + name + suffix : `${base} ${name}${suffix}`;
}
