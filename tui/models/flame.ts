/**
 * Stacks as a tree: entries of a map whose key holds stacks, merged from the root. Other parts of the key (a process
 * name) come first, then user frames, then the kernel's on top, as the calls went. The tree is kept and only changed by
 * what differs between two moments: a second's new samples, not all of them. It grows where it is looked at: of the
 * thousands of frames of a profile, a panel shows a hundred.
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
  readonly value: number;
  /** Of this frame itself. */
  readonly self: number;
  /** Ordered by name, so that frames keep their place between refreshes. Made when first asked for. */
  readonly children: readonly FlameNode[];
}

/** FlameModel is the tree of a map's stacks, as a view shows it. */
export class FlameModel {
  #table: KeyTable | undefined;
  #tree: FlameTree | undefined;

  /** The tree at a moment of a map; it changes when it is asked for another moment. */
  at(map: KeptMap): FlameNode {
    // Keys of another table are other stacks. The tree of the one before is as large as that, and goes.
    if (this.#tree === undefined || this.#table !== map.table) this.#tree = new FlameTree(map.table);
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
  readonly root: Node;
  readonly #counts: Counts;
  #shown: KeptMap | undefined;

  constructor(table: KeyTable) {
    this.#counts = { table, values: [] };
    this.root = new Node('all', 'root', 0, this.#counts);
  }

  show(map: KeptMap): void {
    if (this.#shown === map) return;
    this.#shown = map;
    const { values } = this.#counts;
    const numbers = map.numbersByKey();
    for (let key = 0; key < numbers.length; key++) {
      const value = Math.max(0, numbers[key] || 0);
      const before = values[key];
      if (value === (before ?? 0)) continue;
      // A hole in the list would make all of it slow.
      while (values.length < key) values.push(undefined);
      values[key] = value;
      for (let node: Node | undefined = this.root; node !== undefined; )
        node = node.count(key, value - (before ?? 0), before === undefined);
    }
  }
}

/** What the nodes of one tree share: its keys, and what each counts now; undefined if it never has. */
interface Counts {
  readonly table: KeyTable;
  readonly values: (number | undefined)[];
}

class Node implements FlameNode {
  readonly name: string;
  readonly kind: FrameKind;
  value = 0;
  /** Frames from the root to this one, which is none. */
  readonly #depth: number;
  readonly #counts: Counts;
  /** Numbers of the keys that lead through here. */
  readonly #keys: number[] = [];
  #children: Node[] | undefined;

  constructor(name: string, kind: FrameKind, depth: number, counts: Counts) {
    this.name = name;
    this.kind = kind;
    this.#depth = depth;
    this.#counts = counts;
  }

  get children(): readonly Node[] {
    if (this.#children === undefined) {
      this.#children = [];
      for (const key of this.#keys) this.#childOf(key)?.count(key, this.#counts.values[key] ?? 0, true);
    }
    return this.#children;
  }

  get self(): number {
    return this.children.reduce((rest, child) => rest - child.value, this.value);
  }

  /** Counts a key's change and gives the next node that it concerns. */
  count(key: number, change: number, isNew: boolean): Node | undefined {
    this.value += change;
    if (isNew) this.#keys.push(key);
    return this.#children === undefined ? undefined : this.#childOf(key);
  }

  /** The child that a key leads on to; undefined if it ends here. */
  #childOf(key: number): Node | undefined {
    const frame = frameAt(this.#counts.table.keys[key], this.#depth);
    if (frame === undefined) return undefined;
    const { name, kind } = frame;
    this.#children ??= [];
    const children = this.#children;
    let at = placeOf(name, children);
    // A user's and a kernel's function may share their name.
    while (children[at]?.name === name && children[at]?.kind !== kind) at++;
    let child = children[at];
    if (child?.name !== name) {
      child = new Node(name, kind, this.#depth + 1, this.#counts);
      children.splice(at, 0, child);
    }
    return child;
  }
}

/** The frame of a key at a depth, counted from the root; a stack comes leaf first. */
function frameAt(key: Value | undefined, depth: number): Pick<FlameNode, 'name' | 'kind'> | undefined {
  let user: readonly StackFrame[] = [];
  let kernel: readonly StackFrame[] = [];
  let left = depth;
  for (const part of keyParts(key)) {
    if (typeof part === 'object' && !(part instanceof Uint8Array) && 'kind' in part && part.kind === 'stack') {
      if (part.isUser) user = part.frames;
      else kernel = part.frames;
    } else if (left-- === 0) return { name: valueText(part), kind: 'label' };
  }
  if (left < user.length) return { name: frameName(user[user.length - 1 - left]), kind: 'user' };
  left -= user.length;
  return left < kernel.length ? { name: frameName(kernel[kernel.length - 1 - left]), kind: 'kernel' } : undefined;
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
  const module = frame.module === undefined ? '' : ` (${frame.module.slice(frame.module.lastIndexOf('/') + 1)})`;
  return `0x${frame.address.toString(16)}${module}`;
}
