/** The tree as text for `-d ast`: one node per line, children indented, what is no node behind the name. */

import type { AnyNode, Program } from './ast.ts';
import { childrenOf } from './walk.ts';

/** dumpProgram gives the whole tree. */
export function dumpProgram(program: Program): string {
  const lines: string[] = [];
  dumpNode(program, 0, lines);
  return `${lines.join('\n')}\n`;
}

/** dumpTree gives one node and what is below it. */
export function dumpTree(node: AnyNode): string {
  const lines: string[] = [];
  dumpNode(node, 0, lines);
  return lines.join('\n');
}

function dumpNode(node: AnyNode, depth: number, lines: string[]): void {
  const own = Object.entries(node)
    .filter(([key]) => key !== 'kind' && key !== 'span' && !key.endsWith('Span') && key !== 'comments')
    .flatMap(([key, value]) => {
      const text = attribute(value);
      return text === undefined ? [] : [`${key}=${text}`];
    });
  lines.push(`${'  '.repeat(depth)}${[node.kind, ...own].join(' ')}`);
  for (const child of childrenOf(node)) dumpNode(child, depth + 1, lines);
}

/** What is a child, or a list of children, is told by its own line. */
function attribute(value: unknown): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return undefined;
  const texts = value.flatMap((item: unknown) =>
    typeof item === 'string'
      ? [JSON.stringify(item)]
      : typeof item === 'object' && item !== null && 'isQuoted' in item && 'text' in item
        ? [JSON.stringify(item.text)]
        : [],
  );
  return texts.length > 0 ? `[${texts.join(', ')}]` : undefined;
}
