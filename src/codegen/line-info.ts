/**
 * bpf_line_info records: which script line an instruction comes from, as the kernel prints it in verifier logs and
 * `bpftool prog dump`.
 */

import type { Source, Span } from '../diagnostics/diagnostic.ts';
import type { BtfWriter } from './btf-writer.ts';

const RECORD_SIZE = 16;
const COLUMN_BITS = 10;

/** lineInfo encodes the records; the kernel wants ascending instructions and the first at 0 of each function. */
export function lineInfo(
  lines: readonly { readonly instruction: number; readonly span: Span }[],
  btf: BtfWriter,
): Uint8Array {
  const bytes = new Uint8Array(lines.length * RECORD_SIZE);
  const view = new DataView(bytes.buffer);
  const indexes = new Map<Source, readonly number[]>();
  lines.forEach(({ instruction, span }, row) => {
    let starts = indexes.get(span.source);
    if (starts === undefined) {
      starts = lineStarts(span.source.text);
      indexes.set(span.source, starts);
    }
    const line = lineAt(starts, span.start);
    const start = starts[line] ?? 0;
    const end = span.source.text.indexOf('\n', start);
    const text = span.source.text.slice(start, end < 0 ? undefined : end).trim();
    const column = Math.min(span.start - start + 1, (1 << COLUMN_BITS) - 1);
    view.setUint32(row * RECORD_SIZE, instruction, true);
    view.setUint32(row * RECORD_SIZE + 4, btf.string(span.source.name), true);
    view.setUint32(row * RECORD_SIZE + 8, btf.string(text), true);
    view.setUint32(row * RECORD_SIZE + 12, ((line + 1) << COLUMN_BITS) | column, true);
  });
  return bytes;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
