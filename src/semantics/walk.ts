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
  // Nodes are plain objects, and there are many: no list is made of each.
  for (const key in node) {
    const value: unknown = node[key as keyof AnyNode];
    if (typeof value === 'object' && value !== null && !key.endsWith('pan')) walkNodes(value, visit);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null;
}
