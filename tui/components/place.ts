/** Where Ink has laid out a box on the screen: its own offsets summed with its parents'. */

import type { DOMElement } from 'ink';
import type { Rect } from '../cells/cell-buffer.ts';

export function rectOf(element: DOMElement | null): Rect | undefined {
  const node = element?.yogaNode;
  if (element === null || node === undefined) return undefined;
  let x = 0;
  let y = 0;
  for (let at: DOMElement | undefined = element; at !== undefined; at = at.parentNode) {
    x += at.yogaNode?.getComputedLeft() ?? 0;
    y += at.yogaNode?.getComputedTop() ?? 0;
  }
  return { x, y, width: node.getComputedWidth(), height: node.getComputedHeight() };
}
