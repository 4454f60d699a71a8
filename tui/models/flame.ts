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

/** FlameModel is the tree of a map's stacks, as a view shows it. */
export class FlameModel {
  #table: KeyTable | undefined;
  #tree = new FlameTree();

  /** The tree at a moment of a map; it changes when it is asked for another moment. */
  at(map: KeptMap): FlameNode {
    // Keys of another table are other stacks. The tree of the one before is as large as that, and goes.
    if (this.#table !== map.table) this.#tree = new FlameTree();
    this.#table = map.table;
    this.#tree.show(map);
    return this.#tree.root;
  }
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
      path = this.#insert(table.keys[key]);
      this.#paths[key] = path;
    }
    return path;
  }

  #insert(key: Value | undefined): readonly FlameNode[] {
    const path = [this.root];
    let user: readonly StackFrame[] = [];
    let kernel: readonly StackFrame[] = [];
    for (const part of keyParts(key)) {
      if (typeof part === 'object' && !(part instanceof Uint8Array) && 'kind' in part && part.kind === 'stack') {
        if (part.isUser) user = part.frames;
        else kernel = part.frames;
      } else this.#step(path, valueText(part), 'label');
    }
    // A stack comes leaf first.
    for (let at = user.length - 1; at >= 0; at--) this.#step(path, frameName(user[at]), 'user');
    for (let at = kernel.length - 1; at >= 0; at--) this.#step(path, frameName(kernel[at]), 'kernel');
    return path;
  }

  /** Lengthens a path by one node. */
  #step(path: FlameNode[], name: string, kind: Exclude<FrameKind, 'root'>): void {
    const { children } = path.at(-1) ?? this.root;
    let at = placeOf(name, children);
    // A user's and a kernel's function may share their name.
    while (children[at]?.name === name && children[at]?.kind !== kind) at++;
    let child = children[at];
    if (child?.name !== name) {
      child = { name, kind, value: 0, self: 0, children: [] };
      children.splice(at, 0, child);
    }
    path.push(child);
  }
}

/** Index of the first child that does not come before a name. */
function placeOf(name: string, children: readonly FlameNode[]): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((children[middle]?.name ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

function frameName(frame: StackFrame | undefined): string {
  if (frame === undefined) return '';
  if (frame.symbol !== undefined) return frame.symbol;
  const module = frame.module === undefined ? '' : ` (${frame.module.split('/').at(-1)})`;
  return `0x${frame.address.toString(16)}${module}`;
}
