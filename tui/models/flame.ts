/**
 * Stacks as a tree: entries of a map whose key holds stacks, merged from the root. Other parts of the key (a process
 * name) come first, then user frames, then the kernel's on top, as the calls went.
 */

import { keyParts, numericValue, valueText } from '../../src/panels/value-text.ts';
import type { StackFrame, Value } from '../../src/session/snapshot.ts';
import type { KeptMap } from './kept-map.ts';

export type FrameKind = 'root' | 'label' | 'user' | 'kernel';

export interface FlameNode {
  readonly name: string;
  readonly kind: FrameKind;
  /** Of this frame and everything it called. */
  value: number;
  /** Of this frame itself. */
  self: number;
  /** Ordered by name, so that frames keep their place between refreshes. */
  readonly children: FlameNode[];
}

const TREES = new WeakMap<KeptMap, FlameNode>();

/** buildFlame merges a map's stacks; computed once per snapshot. */
export function buildFlame(map: KeptMap): FlameNode {
  const known = TREES.get(map);
  if (known !== undefined) return known;
  const root: FlameNode = { name: 'all', kind: 'root', value: 0, self: 0, children: [] };
  const lookups = new Map<FlameNode, Map<string, FlameNode>>();
  for (const entry of map.entries) {
    const value = numericValue(entry.value) ?? 0;
    if (value <= 0) continue;
    let node = root;
    node.value += value;
    for (const frame of framesOf(entry.key)) {
      let children = lookups.get(node);
      if (children === undefined) {
        children = new Map();
        lookups.set(node, children);
      }
      let child = children.get(frame.id);
      if (child === undefined) {
        child = { name: frame.name, kind: frame.kind, value: 0, self: 0, children: [] };
        children.set(frame.id, child);
        node.children.push(child);
      }
      child.value += value;
      node = child;
    }
    node.self += value;
  }
  sortChildren(root);
  TREES.set(map, root);
  return root;
}

/** nodeAt follows a path of child names; undefined if it leads nowhere now. */
export function nodeAt(root: FlameNode, path: readonly string[]): FlameNode | undefined {
  let node: FlameNode | undefined = root;
  for (const name of path) node = node?.children.find((child) => child.name === name);
  return node;
}

interface NamedFrame {
  readonly id: string;
  readonly name: string;
  readonly kind: FrameKind;
}

/** Snapshots share the frames of stacks that have not changed, so their names are put together once. */
const NAMED = new WeakMap<readonly StackFrame[], readonly NamedFrame[]>();

function framesOf(key: Value | undefined): readonly NamedFrame[] {
  const labels: NamedFrame[] = [];
  let user: readonly NamedFrame[] = [];
  let kernel: readonly NamedFrame[] = [];
  for (const part of keyParts(key)) {
    if (typeof part === 'object' && !(part instanceof Uint8Array) && 'kind' in part && part.kind === 'stack') {
      if (part.isUser) user = namedFrames(part.frames, 'user');
      else kernel = namedFrames(part.frames, 'kernel');
    } else labels.push(namedFrame(valueText(part), 'label'));
  }
  return [...labels, ...user, ...kernel];
}

/** Root first. */
function namedFrames(frames: readonly StackFrame[], kind: FrameKind): readonly NamedFrame[] {
  let named = NAMED.get(frames);
  if (named === undefined) {
    named = frames.map((frame) => namedFrame(frameName(frame), kind)).reverse();
    NAMED.set(frames, named);
  }
  return named;
}

function namedFrame(name: string, kind: FrameKind): NamedFrame {
  return { id: `${kind} ${name}`, name, kind };
}

function frameName(frame: StackFrame): string {
  if (frame.symbol !== undefined) return frame.symbol;
  const module = frame.module === undefined ? '' : ` (${frame.module.split('/').at(-1)})`;
  return `0x${frame.address.toString(16)}${module}`;
}

function sortChildren(node: FlameNode): void {
  node.children.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  for (const child of node.children) sortChildren(child);
}
