/**
 * The builtin `config`: a record of the values in effect, constants all.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Checker } from '../checker.ts';
import { CONFIG_KEYS } from '../config.ts';
import type { TypedExpression } from '../program.ts';
import { NONE } from '../promote.ts';
import { boolean, text, uint64 } from './constants.ts';

export function configRecord(checker: Checker, span: Span): TypedExpression {
  const names: string[] = [];
  const elements: TypedExpression[] = [];
  for (const [name, row] of Object.entries(CONFIG_KEYS)) {
    const value = row.field === undefined ? undefined : checker.config.program[row.field];
    if (value === undefined) continue;
    names.push(name);
    elements.push(
      typeof value === 'number'
        ? uint64(BigInt(value), span)
        : typeof value === 'boolean'
          ? boolean(value, span)
          : text(value, span),
    );
  }
  return {
    kind: 'tuple',
    elements,
    type: {
      kind: 'record',
      fields: names.map((name, index) => ({
        name,
        type: elements[index]?.type ?? NONE,
      })),
    },
    span,
  };
}
