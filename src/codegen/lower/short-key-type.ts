/**
 * Keys with long strings. `str()` has room for 1,024 bytes, of which a key rarely uses more than a path's worth, but the
 * kernel would hash, compare and copy all of them. So a map with such keys is two: one for keys whose strings are short,
 * one for all others. Which one holds a key follows from the key alone, so every access finds it again.
 */

import type { Type } from '../../semantics/types.ts';

/** Room for a short string. */
export const SHORT_TEXT = 64;
/** Strings up to this capacity are not worth a second map. */
const LONGEST_WHOLE = 128;

/** shortKeyType gives the type with room for short strings only; the type itself where it has no long ones. */
export function shortKeyType(type: Type): Type {
  switch (type.kind) {
    case 'string':
      return type.capacity > LONGEST_WHOLE ? { kind: 'string', capacity: SHORT_TEXT } : type;
    case 'tuple': {
      const elements = type.elements.map(shortKeyType);
      return elements.some((element, index) => element !== type.elements[index]) ? { kind: 'tuple', elements } : type;
    }
    case 'record': {
      const fields = type.fields.map((field) => ({ name: field.name, type: shortKeyType(field.type) }));
      return fields.some((field, index) => field.type !== type.fields[index]?.type) ? { kind: 'record', fields } : type;
    }
    default:
      return type;
  }
}
