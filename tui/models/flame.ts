/**
 * Stacks as a tree: entries of a map whose key holds stacks, merged from the root. Other parts of the key (a process
 * name) come first, then user frames, then the kernel's on top, as the calls went. The tree is kept and only changed by
 * what differs between two moments: a second's new samples, not all of them.
 */

import type { KeyTable } from '../../src/panels/key-table.ts';
import { keyParts, valueText } from '../../src/panels/value-text.ts';
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

const TREES = new WeakMap<KeyTable, FlameTree>();

/** buildFlame gives the tree of a map's stacks; it changes when it is asked for another moment of the same map. */
export function buildFlame(map: KeptMap): FlameNode {
  let tree = TREES.get(map.table);
  if (tree === undefined) {
    tree = new FlameTree();
    TREES.set(map.table, tree);
  }
  tree.show(map);
  return tree.root;
}

/** nodeAt follows a path of child names; undefined if it leads nowhere now. */
export function nodeAt(root: FlameNode, path: readonly string[]): FlameNode | undefined {
  let node: FlameNode | undefined = root;
  for (const name of path) node = node?.children.find((child) => child.name === name);
  return node;
}

class FlameTree {
  readonly root: FlameNode = { name: 'all', kind: 'root', value: 0, self: 0, children: [] };
  /** By key number: the nodes from the root to the leaf, and what they count for it now. */
  readonly #paths: (readonly FlameNode[])[] = [];
  readonly #counted: number[] = [];
  readonly #lookups = new Map<FlameNode, Map<string, FlameNode>>();
  #shown: KeptMap | undefined;

  show(map: KeptMap): void {
    if (this.#shown === map) return;
    this.#shown = map;
    const numbers = map.numbersByKey();
    for (let key = 0; key < numbers.length; key++) {
      const value = Math.max(0, numbers[key] || 0);
      const change = value - (this.#counted[key] ?? 0);
      if (change === 0) continue;
      this.#counted[key] = value;
      const path = this.#pathOf(key, map.table);
      for (const node of path) node.value += change;
      const leaf = path.at(-1);
      if (leaf !== undefined) leaf.self += change;
    }
  }

  #pathOf(key: number, table: KeyTable): readonly FlameNode[] {
    let path = this.#paths[key];
    if (path === undefined) {
      path = this.#insert(framesOf(table.keys[key]));
      this.#paths[key] = path;
    }
    return path;
  }

  #insert(frames: readonly NamedFrame[]): readonly FlameNode[] {
    const path = [this.root];
    let node = this.root;
    for (const frame of frames) {
      let children = this.#lookups.get(node);
      if (children === undefined) {
        children = new Map();
        this.#lookups.set(node, children);
      }
      let child = children.get(frame.id);
      if (child === undefined) {
        child = { name: frame.name, kind: frame.kind, value: 0, self: 0, children: [] };
        children.set(frame.id, child);
        insertByName(node.children, child);
      }
      path.push(child);
      node = child;
    }
    return path;
  }
}

function insertByName(children: FlameNode[], child: FlameNode): void {
  const at = children.findIndex((other) => other.name > child.name);
  children.splice(at < 0 ? children.length : at, 0, child);
}

interface NamedFrame {
  readonly id: string;
  readonly name: string;
  readonly kind: FrameKind;
}

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
  return frames.map((frame) => namedFrame(frameName(frame), kind)).reverse();
}

function namedFrame(name: string, kind: FrameKind): NamedFrame {
  return { id: `${kind} ${name}`, name, kind };
}

function frameName(frame: StackFrame): string {
  if (frame.symbol !== undefined) return frame.symbol;
  const module = frame.module === undefined ? '' : ` (${frame.module.split('/').at(-1)})`;
  return `0x${frame.address.toString(16)}${module}`;
}
