/**
 * printf formats (language.md §13): parsed once, checked against the arguments.
 */

import { isAggregate } from './expressions/coerce.ts';
import type { FormatConversion, FormatString, TypedExpression } from './program.ts';
import { typeName } from './type-names.ts';
import type { Type } from './types.ts';

const CONVERSION = /%(?:%|([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(hh|h|ll|l|j|z|t|q|L)?(rx|rh|gr|[a-zA-Z]))/g;
const KNOWN: ReadonlySet<string> = new Set(['d', 'i', 'u', 'o', 'x', 'X', 'c', 'p', 's', 'r', 'rx', 'rh', 'gr']);
/** Read as conversions, since C has them; no value here is a floating-point number. */
const FLOAT: ReadonlySet<string> = new Set(['f', 'F', 'e', 'E', 'g', 'G', 'a', 'A']);
const INTEGER: ReadonlySet<string> = new Set(['d', 'i', 'u', 'o', 'x', 'X', 'c', 'p', 'gr']);

export interface ParsedFormat {
  readonly format: FormatString;
  /** What is wrong with it, if anything. */
  readonly problem?: string;
}

/** parseFormat splits a format into text and conversions. A lone `%` is text. */
export function parseFormat(text: string): ParsedFormat {
  const pieces: (string | FormatConversion)[] = [];
  let problem: string | undefined;
  let literal = '';
  let end = 0;
  for (const match of text.matchAll(CONVERSION)) {
    literal += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === '%%') {
      literal += '%';
      continue;
    }
    const conversion = match[5] ?? '';
    if (!KNOWN.has(conversion) && !FLOAT.has(conversion))
      problem ??= `Unknown conversion '${match[0]}' in format string`;
    if (literal !== '') pieces.push(literal);
    literal = '';
    pieces.push(toConversion(match, conversion as FormatConversion['conversion']));
  }
  literal += text.slice(end);
  if (literal !== '') pieces.push(literal);
  return { format: { text, pieces }, ...(problem !== undefined && { problem }) };
}

function toConversion(match: RegExpMatchArray, conversion: FormatConversion['conversion']): FormatConversion {
  const flags = match[1] ?? '';
  const width = match[2];
  const length = match[4] === 'q' || match[4] === 'L' ? 'll' : (match[4] ?? '');
  return {
    conversion,
    length: length as FormatConversion['length'],
    flags: {
      left: flags.includes('-'),
      plus: flags.includes('+'),
      zero: flags.includes('0'),
      alternate: flags.includes('#'),
    },
    ...(width !== undefined && width !== '*' && { width: Number(width) }),
  };
}

/** checkFormat gives what is wrong with the arguments for a format; undefined if nothing is. */
export function checkFormat(
  name: string,
  format: FormatString,
  args: readonly TypedExpression[],
): { readonly message: string; readonly index?: number } | undefined {
  const conversions = format.pieces.filter((piece) => typeof piece !== 'string');
  if (args.length !== conversions.length) {
    const amount = args.length < conversions.length ? 'not enough' : 'too many';
    return {
      message: `${name}: ${amount} arguments for format string (${args.length} supplied, ${conversions.length} expected)`,
    };
  }
  for (const [index, { conversion }] of conversions.entries()) {
    const type = args[index]?.type;
    if (type === undefined || type.kind === 'none') continue;
    const expected = expectation(conversion, type);
    if (expected !== undefined)
      return {
        message: `${name}: %${conversion} specifier expects a value of type ${expected} (${typeName(type)} supplied)`,
        index,
      };
  }
  return undefined;
}

function expectation(conversion: string, type: Type): string | undefined {
  if (conversion === 's') return isPrintable(type) ? undefined : 'printable';
  if (INTEGER.has(conversion)) {
    const { kind } = type;
    return kind === 'integer' || kind === 'bool' || kind === 'enum' || kind === 'pointer' ? undefined : 'integer';
  }
  if (FLOAT.has(conversion)) return 'float';
  return type.kind === 'buffer' ? undefined : 'buffer';
}

/** isPrintable says whether values of the type have a default form. */
export function isPrintable(type: Type): boolean {
  if (type.kind === 'tuple') return type.elements.length > 0 && type.elements.every(isPrintable);
  if (type.kind === 'record') return type.fields.every((field) => isPrintable(field.type));
  return type.kind !== 'none' && type.kind !== 'void' && !isAggregate(type);
}
