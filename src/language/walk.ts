/**
 * Walking and rebuilding trees without a case per node kind: children are found by their `kind`. Nodes are plain
 * data, so a rebuilt node is a copy with other children; what does not change is shared.
 */

import type { AnyNode, ErrorNode, Expression, Statement, TypeExpression } from './ast.ts';

/** childrenOf gives the direct children in source order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (isSpanKey(key)) continue;
    collect(value, children);
  }
  return children;
}

function collect(value: unknown, into: AnyNode[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, into);
  else if (isNode(value)) into.push(value);
  else if (isFieldList(value)) into.push(value.type);
}

/** walk visits a node and all below it, parents first; `false` from the visitor leaves out what is below. */
export function walk(node: AnyNode, visit: (node: AnyNode) => boolean | undefined): void {
  if (visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** mapChildren rebuilds a node with its children replaced; the node itself if none changed. */
export function mapChildren<T extends AnyNode>(node: T, replace: (child: AnyNode) => AnyNode): T {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(node)) {
    if (isSpanKey(key)) continue;
    const mapped = mapValue(value, replace);
    if (mapped === value) continue;
    copy ??= { ...node };
    copy[key] = mapped;
  }
  return (copy as T | undefined) ?? node;
}

function mapValue(value: unknown, replace: (child: AnyNode) => AnyNode): unknown {
  if (isNode(value)) return replace(value);
  if (isFieldList(value)) {
    const type = replace(value.type);
    return type === value.type ? value : { ...value, type };
  }
  if (!Array.isArray(value)) return value;
  let copy: unknown[] | undefined;
  for (const [index, item] of value.entries()) {
    const mapped = mapValue(item, replace);
    if (mapped === item) continue;
    copy ??= [...value];
    copy[index] = mapped;
  }
  return copy ?? value;
}

function isSpanKey(key: string): boolean {
  return key === 'span' || key.endsWith('Span');
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** The fields of a record type are the one list of children without a kind. */
function isFieldList(value: unknown): value is { readonly name: string; readonly type: TypeExpression } {
  return typeof value === 'object' && value !== null && !('kind' in value) && 'type' in value;
}

const STATEMENT_KINDS: ReadonlySet<AnyNode['kind']> = new Set<Exclude<Statement, Expression>['kind']>([
  'Block',
  'Let',
  'Assignment',
  'Discard',
  'ExpressionStatement',
  'While',
  'Unroll',
  'For',
  'Break',
  'Continue',
  'Return',
  'ImportStatement',
]);

/** isPureStatement is true of the nodes that are statements and nothing else. */
export function isPureStatement(node: AnyNode): node is Exclude<Statement, Expression | ErrorNode> {
  return STATEMENT_KINDS.has(node.kind);
}

/** isEqualTree compares two trees, or lists of them, by meaning: spans and comments are left out. */
export function isEqualTree(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isEqualTree(item, other[index]));
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) return false;
  const first = meaningOf(one);
  const second = meaningOf(other);
  return first.size === second.size && [...first].every(([key, value]) => isEqualTree(value, second.get(key)));
}

function meaningOf(node: object): Map<string, unknown> {
  return new Map(
    Object.entries(node).filter(
      ([key, value]) => !isSpanKey(key) && key !== 'comments' && key !== 'source' && value !== undefined,
    ),
  );
}
