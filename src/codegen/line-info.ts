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
  const indexes = new Map<Source, LineIndex>();
  lines.forEach(({ instruction, span }, row) => {
    let index = indexes.get(span.source);
    if (index === undefined) {
      index = { starts: lineStarts(span.source.text), name: btf.string(span.source.name), texts: new Map() };
      indexes.set(span.source, index);
    }
    const line = lineAt(index.starts, span.start);
    const start = index.starts[line] ?? 0;
    let text = index.texts.get(line);
    if (text === undefined) {
      const end = span.source.text.indexOf('\n', start);
      text = btf.string(span.source.text.slice(start, end < 0 ? undefined : end).trim());
      index.texts.set(line, text);
    }
    const column = Math.min(span.start - start + 1, (1 << COLUMN_BITS) - 1);
    view.setUint32(row * RECORD_SIZE, instruction, true);
    view.setUint32(row * RECORD_SIZE + 4, index.name, true);
    view.setUint32(row * RECORD_SIZE + 8, text, true);
    view.setUint32(row * RECORD_SIZE + 12, ((line + 1) << COLUMN_BITS) | column, true);
  });
  return bytes;
}

/** Where lines start, and the BTF offsets of the name and of the lines' texts. */
interface LineIndex {
  readonly starts: readonly number[];
  readonly name: number;
  readonly texts: Map<number, number>;
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
