/** Types as text. */

import type { TypeExpression } from './ast.ts';
import { printExpression } from './print-expressions.ts';

/** printType gives a type in canonical form. */
export function printType(type: TypeExpression): string {
  switch (type.kind) {
    case 'NamedType':
      return type.tag === undefined ? type.name : `${type.tag} ${type.name}`;
    case 'PointerType': {
      const target = printType(type.target);
      return target.endsWith('*') ? `${target}*` : `${target} *`;
    }
    case 'ArrayType':
      return `${printType(type.element)}[${type.length ? printExpression(type.length) : ''}]`;
    case 'TupleType': {
      const elements = type.elements.map(printType);
      return elements.length === 1 ? `(${elements[0]},)` : `(${elements.join(', ')})`;
    }
    case 'RecordType':
      return `(${type.fields.map((field) => `${field.name}: ${printType(field.type)}`).join(', ')})`;
    case 'TypeOf':
      return printExpression(type);
  }
}
