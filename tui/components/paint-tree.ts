/**
 * Paints what Ink has laid out straight into cells. Ink's own way to a frame makes an object of every cell of the screen
 * and a string of them all, ten times the cost of laying out; keys would wait for it. What this does not know (text that
 * wraps) is left to Ink.
 */

import type { DOMElement } from 'ink';
import type { Painter } from '../cells/painter.ts';
import { shownWidth } from '../cells/sanitize.ts';
import { paintStyled, withoutStyles } from '../terminal/frame-parser.ts';
import type { FrameSink } from '../terminal/frame-sink.ts';

const taken = new WeakSet<DOMElement>();

/** takeOverFrames makes the frames of the tree that an element is in go to the sink as cells. */
export function takeOverFrames(element: DOMElement | null, sink: FrameSink): void {
  const tree = rootOf(element);
  if (tree === undefined || taken.has(tree)) return;
  const leaveToInk = tree.onRender;
  taken.add(tree);
  tree.onRender = () => {
    if (!sink.frame((painter) => paintElement(tree, 0, 0, painter))) leaveToInk?.();
  };
}

/** rootOf gives the tree that an element is in. */
export function rootOf(element: DOMElement | null): DOMElement | undefined {
  let root = element ?? undefined;
  while (root?.parentNode !== undefined) root = root.parentNode;
  return root;
}

function paintElement(element: DOMElement, left: number, top: number, painter: Painter): boolean {
  const { yogaNode } = element;
  if (yogaNode === undefined) return true;
  const x = left + yogaNode.getComputedLeft();
  const y = top + yogaNode.getComputedTop();
  if (element.nodeName === 'ink-text') return paintText(element, x, y, yogaNode.getComputedWidth(), painter);
  return element.childNodes.every((child) => 'nodeValue' in child || paintElement(child, x, y, painter));
}

/** One line, cut where its box ends as Ink cuts it: with an ellipsis in the style of what is before it. */
function paintText(element: DOMElement, x: number, y: number, width: number, painter: Painter): boolean {
  const text = textOf(element);
  if (text === undefined || text.includes('\n')) return false;
  const length = shownWidth(withoutStyles(text));
  const isCut = length > width;
  if (isCut && element.style.textWrap !== 'truncate') return false;
  const area = painter.sub(x, y, isCut ? Math.max(0, width - 1) : length, 1);
  const { column } = paintStyled(area, 0, text);
  if (isCut && width > 0) painter.text(x + column, y, '…', painter.styleAt(x + column - 1, y));
  return true;
}

/** Undefined if it is made of more than plain pieces. */
function textOf(element: DOMElement): string | undefined {
  let text = '';
  for (const child of element.childNodes) {
    if (!('nodeValue' in child)) return undefined;
    text += child.nodeValue;
  }
  return text;
}
