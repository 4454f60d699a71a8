/** Who keeps ids of stacks: the kernel's stacks may be deleted only where nobody is left who has one. */

import type { BpfObject } from '../codegen/object.ts';
import type { Type } from '../semantics/types.ts';

/** soleStackHolder names the map that alone has stacks, in its keys; undefined if others have, or what is sent. */
export function soleStackHolder({ userMaps, actions }: BpfObject): string | undefined {
  const isSent = actions.some(({ action }) => action.args.some((arg) => hasStack(arg)));
  const isValue = userMaps.some(({ symbol }) => hasStack(symbol.valueType));
  const [holder, ...others] = userMaps.filter(({ symbol }) => symbol.keyType && hasStack(symbol.keyType));
  return isSent || isValue || others.length > 0 ? undefined : holder?.symbol.name;
}

function hasStack(type: Type): boolean {
  if (type.kind === 'tuple') return type.elements.some(hasStack);
  if (type.kind === 'record') return type.fields.some((field) => hasStack(field.type));
  if (type.kind === 'array') return hasStack(type.element);
  return type.kind === 'stack';
}
