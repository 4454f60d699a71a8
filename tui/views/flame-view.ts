/**
 * The flame graph, root at the top: width is share, colour tells user from kernel. Arrows or hjkl walk the frames, Enter
 * zooms in, Backspace out, `/` marks what matches and says how much of the whole it is.
 */

import { formatCount } from '../../src/panels/units.ts';
import type { Painter } from '../cells/painter.ts';
import { BOLD, style, type Token } from '../cells/style.ts';
import { FlameModel, type FlameNode, nodeAt } from '../models/flame.ts';
import type { RowFilter } from '../models/table.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

const EMPTY: FlameNode = { name: 'all', kind: 'root', value: 0, self: 0, children: [] };

interface DrawnFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly place: Place | undefined;
}

/** A frame's place in the tree by the one above it: most frames' whole path is never asked for. */
interface Place {
  readonly name: string;
  readonly above: Place | undefined;
}

export class FlameView implements View {
  readonly kind = 'flame';
  readonly lookback = 1;
  filterText = '';
  #filter: RowFilter | undefined;
  readonly #model = new FlameModel();
  #root: FlameNode = EMPTY;
  #zoom: readonly string[] = [];
  #selected: readonly string[] = [];
  #top = 0;
  #drawn: DrawnFrame[] = [];

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    this.#root = map === undefined ? EMPTY : this.#model.at(map);
    if (nodeAt(this.#root, this.#zoom) === undefined) this.#zoom = [];
    if (nodeAt(this.#root, this.#selected) === undefined) this.#selected = this.#zoom;
    if (this.#root.value === 0) {
      painter.text(0, 0, 'no stacks yet', style('faint'));
      return;
    }
    this.#drawn = [];
    const height = painter.height - 1;
    const depth = this.#selected.length;
    if (depth < this.#top) this.#top = Math.max(0, depth);
    if (depth >= this.#top + height) this.#top = depth - height + 1;
    const graph = painter.sub(0, 0, painter.width, height);
    // What was zoomed away stays as full-width rows above, to see where one is.
    for (let level = 0; level < this.#zoom.length; level++) {
      const path = this.#zoom.slice(0, level);
      const node = nodeAt(this.#root, path);
      if (node !== undefined) this.#drawFrame(graph, node, placeAt(path), 0, graph.width, level, context);
    }
    const zoomed = nodeAt(this.#root, this.#zoom) ?? this.#root;
    this.#drawTree(graph, zoomed, placeAt(this.#zoom), 0, graph.width, this.#zoom.length, context);
    this.#paintSelected(painter, height, context);
  }

  run(command: ViewCommand): boolean {
    const node = nodeAt(this.#root, this.#selected);
    if (node === undefined) return false;
    switch (command) {
      case 'up':
        if (this.#selected.length > 0) this.#selected = this.#selected.slice(0, -1);
        return true;
      case 'down': {
        const widest = [...node.children].sort((left, right) => right.value - left.value)[0];
        if (widest !== undefined) this.#selected = [...this.#selected, widest.name];
        return true;
      }
      case 'left':
      case 'right':
        return this.#sibling(command === 'left' ? -1 : 1);
      case 'first':
        this.#selected = this.#zoom;
        return true;
      case 'expand':
        if (this.#selected.length === this.#zoom.length) return false;
        this.#zoom = this.#selected;
        this.#top = 0;
        return true;
      case 'out':
        if (this.#zoom.length === 0) return false;
        this.#zoom = this.#zoom.slice(0, -1);
        return true;
      default:
        return false;
    }
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
  }

  selection(): Selection | undefined {
    const node = nodeAt(this.#root, this.#selected);
    if (node === undefined) return undefined;
    return { entry: { value: node.value }, text: `${this.#selected.join(';')} ${node.value}` };
  }

  status(): string {
    if (this.#filter === undefined) return `${formatCount(this.#root.value)} samples`;
    const matched = matchedValue(this.#root, this.#filter);
    return `/${this.filterText} ${percent(matched, this.#root.value)}`;
  }

  click(x: number, y: number): void {
    const hit = this.#drawn.find((frame) => frame.y === y && x >= frame.x && x < frame.x + frame.width);
    if (hit !== undefined) this.#selected = pathTo(hit.place);
  }

  /** The next frame of the same parent; at the edge, of the parent's neighbour. */
  #sibling(step: number): boolean {
    for (let depth = this.#selected.length; depth > this.#zoom.length; depth--) {
      const parent = nodeAt(this.#root, this.#selected.slice(0, depth - 1));
      const at = parent?.children.findIndex((child) => child.name === this.#selected[depth - 1]) ?? -1;
      const next = parent?.children[at + step];
      if (next !== undefined) {
        this.#selected = [...this.#selected.slice(0, depth - 1), next.name];
        return true;
      }
    }
    return true;
  }

  #drawTree(
    painter: Painter,
    node: FlameNode,
    place: Place | undefined,
    x: number,
    width: number,
    depth: number,
    context: ViewContext,
  ): void {
    if (width < 1) return;
    this.#drawFrame(painter, node, place, x, width, depth, context);
    // Asking for children makes them.
    if (depth + 1 >= this.#top + painter.height) return;
    const { children } = node;
    let before = 0;
    for (let at = 0; at < children.length; at++) {
      const child = children[at];
      if (child === undefined) continue;
      const start = Math.round((before / node.value) * width);
      before += child.value;
      const end = Math.round((before / node.value) * width);
      if (end > start)
        this.#drawTree(painter, child, { name: child.name, above: place }, x + start, end - start, depth + 1, context);
    }
  }

  #drawFrame(
    painter: Painter,
    node: FlameNode,
    place: Place | undefined,
    x: number,
    width: number,
    depth: number,
    context: ViewContext,
  ): void {
    const y = depth - this.#top;
    if (y < 0 || y >= painter.height) return;
    this.#drawn.push({ x, y, width, place });
    const isSelected = context.isFocused && depth === this.#selected.length && samePath(pathTo(place), this.#selected);
    const isMatch = this.#filter?.(node.name) ?? false;
    const token: Token = isSelected ? 'selection' : isMatch ? 'series5' : colorOf(node);
    const front: Token = isSelected
      ? 'selectionText'
      : node.kind === 'root' || node.kind === 'label'
        ? 'text'
        : 'flameText';
    const look = style(
      context.hasColors || isSelected ? front : 'text',
      context.hasColors || isSelected ? token : 'none',
      isMatch ? BOLD : 0,
    );
    painter.fill(x, y, width, 1, look);
    // A gap or a bar between neighbours, or one wide band would hide that there are two.
    const label = width > 1 ? (context.hasColors ? node.name : `|${node.name}`) : context.hasColors ? '' : '|';
    painter.text(x, y, label, look, Math.max(0, width - (width > 2 ? 1 : 0)));
    if (context.hasColors && width > 2) painter.cell(x + width - 1, y, ' ', style('text'));
  }

  #paintSelected(painter: Painter, y: number, context: ViewContext): void {
    const node = nodeAt(this.#root, this.#selected);
    if (node === undefined || !context.isFocused) return;
    const total = this.#root.value;
    const x = painter.text(0, y, `${node.name} `, style('title'));
    painter.text(
      x,
      y,
      `${formatCount(node.value)} (${percent(node.value, total)}), itself ${percent(node.self, total)}`,
      style('muted'),
    );
  }
}

const USER: readonly Token[] = ['flameUser0', 'flameUser1', 'flameUser2'];
const KERNEL: readonly Token[] = ['flameKernel0', 'flameKernel1', 'flameKernel2'];

/** The same function always has the same colour. */
function colorOf(node: FlameNode): Token {
  if (node.kind === 'root' || node.kind === 'label') return 'barRest';
  let hash = 0;
  for (let index = 0; index < node.name.length; index++) hash = (hash * 31 + node.name.charCodeAt(index)) >>> 0;
  const palette = node.kind === 'kernel' ? KERNEL : USER;
  return palette[hash % palette.length] ?? 'flameUser0';
}

function matchedValue(node: FlameNode, filter: RowFilter): number {
  // A match within a match is already counted.
  if (filter(node.name)) return node.value;
  return node.children.reduce((sum, child) => sum + matchedValue(child, filter), 0);
}

function placeAt(path: readonly string[]): Place | undefined {
  return path.reduce<Place | undefined>((above, name) => ({ name, above }), undefined);
}

function pathTo(place: Place | undefined): readonly string[] {
  const path: string[] = [];
  for (let at = place; at !== undefined; at = at.above) path.push(at.name);
  return path.reverse();
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

function percent(value: number, total: number): string {
  return total === 0 ? '0%' : `${((value / total) * 100).toFixed(1)}%`;
}
