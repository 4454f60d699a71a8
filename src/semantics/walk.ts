/**
 * Walks over syntax trees without knowing each node kind: children are whatever properties hold nodes.
 */

interface AnyNode {
  readonly kind: string;
}

/** walkNodes calls `visit` on the node and everything below it; `visit` returning false skips what is below. */
export function walkNodes(node: unknown, visit: (node: AnyNode) => boolean | undefined): void {
  if (Array.isArray(node)) {
    for (const each of node) walkNodes(each, visit);
    return;
  }
  if (!isNode(node) || visit(node) === false) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'object' && value !== null && !key.endsWith('pan')) walkNodes(value, visit);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null;
}
