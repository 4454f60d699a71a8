/**
 * Stacks as text, one frame per line, in the four modes of the language. A stack starts with a line end and each of
 * its lines ends with one, so that it reads well both as a value and inside a map key.
 */

import type { StackMode } from '../semantics/types.ts';
import type { StackFrame, StackValue } from '../session/snapshot.ts';
import type { TextStyle } from './style.ts';

/** stackText renders a whole stack; an empty one is a single line end. */
export function stackText(stack: StackValue, mode: StackMode, style: TextStyle): string {
  const frame = FRAMES[mode];
  let text = '\n';
  for (const entry of stack.frames) text += `${frame(entry, stack.isUser, style)}\n`;
  return text;
}

type FrameText = (frame: StackFrame, isUser: boolean, style: TextStyle) => string;

const INDENT = '        ';

const FRAMES: { readonly [M in StackMode]: FrameText } = {
  bpftrace(frame, _isUser, style) {
    if (frame.symbol === undefined) return INDENT + hex(frame.address);
    const location = frame.location === undefined ? '' : `@${style.traced(frame.location)}`;
    const symbol = style.traced(frame.symbol);
    if (frame.isInlined) return `${INDENT}[inlined] ${symbol}${location}`;
    if (frame.symbol === UNWIND_FAILURE) return INDENT + symbol;
    return `${INDENT}${symbol}+${frame.offset ?? 0}${location}`;
  },
  perf(frame, isUser, style) {
    const address = `\t${frame.address.toString(16)}`;
    if (frame.symbol === undefined)
      return isUser ? `${address} ${hex(frame.address)} ([unknown])` : `${address} ${hex(frame.address)}`;
    const symbol = style.traced(frame.symbol);
    if (frame.isInlined) return `${address} ${symbol} (inlined)`;
    const module = isUser ? ` (${frame.module === undefined ? '[unknown]' : style.traced(frame.module)})` : '';
    return `${address} ${symbol}+${frame.offset ?? 0}${module}`;
  },
  raw: (frame) => frame.address.toString(16),
  build_id: (frame) =>
    frame.buildId ? `${frame.buildId.id} ${hex(frame.buildId.offset)}` : frame.address.toString(16),
};

/** The session ends a stack with this frame where unwinding by debug info stopped. */
const UNWIND_FAILURE = '<unwind failure>';

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
