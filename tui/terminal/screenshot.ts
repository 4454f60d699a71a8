/** A picture of the screen from its cells: plain text, text with colours, or SVG. */

import { type CellBuffer, CONTINUATION } from '../cells/cell-buffer.ts';
import { BOLD, DIM, REVERSE, UNDERLINE } from '../cells/style.ts';
import type { StyleEncoder } from '../theme/sgr.ts';

export type ScreenshotFormat = 'text' | 'ansi' | 'svg';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 17;
const SCREEN = '#11161c';
const INK = '#d7e3ee';

/** renderScreenshot gives the contents of the file. */
export function renderScreenshot(cells: CellBuffer, encoder: StyleEncoder, format: ScreenshotFormat): string {
  switch (format) {
    case 'text':
      return `${cells.toText()}\n`;
    case 'ansi':
      return ansi(cells, encoder);
    case 'svg':
      return svg(cells, encoder);
  }
}

interface Run {
  readonly x: number;
  readonly text: string;
  readonly width: number;
  readonly style: number;
}

/** Neighbouring cells of one style. */
function runsOf(cells: CellBuffer, y: number): readonly Run[] {
  const runs: Run[] = [];
  let x = 0;
  while (x < cells.width) {
    const start = x;
    const style = cells.styles[y * cells.width + x] ?? 0;
    let text = '';
    while (x < cells.width && cells.styles[y * cells.width + x] === style) {
      const code = cells.codes[y * cells.width + x] ?? 0x20;
      if (code !== CONTINUATION) text += String.fromCodePoint(code);
      x++;
    }
    runs.push({ x: start, text, width: x - start, style });
  }
  return runs;
}

function ansi(cells: CellBuffer, encoder: StyleEncoder): string {
  let output = '';
  for (let y = 0; y < cells.height; y++) {
    for (const run of runsOf(cells, y)) output += encoder.encode(run.style) + run.text;
    output += '\x1b[0m\n';
  }
  return output;
}

function svg(cells: CellBuffer, encoder: StyleEncoder): string {
  const width = Math.ceil(cells.width * CELL_WIDTH) + 16;
  const height = cells.height * CELL_HEIGHT + 16;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    '<title>bptop</title>',
    `<rect width="100%" height="100%" rx="6" fill="${SCREEN}"/>`,
    `<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">`,
  ];
  for (let y = 0; y < cells.height; y++)
    for (const run of runsOf(cells, y)) {
      const look = encoder.colors(run.style);
      const isReverse = (look.attributes & REVERSE) !== 0;
      const front = isReverse ? (look.background ?? SCREEN) : (look.foreground ?? INK);
      const back = isReverse ? (look.foreground ?? INK) : look.background;
      const x = (8 + run.x * CELL_WIDTH).toFixed(1);
      const top = 8 + y * CELL_HEIGHT;
      if (back !== undefined)
        parts.push(
          `<rect x="${x}" y="${top}" width="${(run.width * CELL_WIDTH).toFixed(1)}" height="${CELL_HEIGHT}" fill="${back}"/>`,
        );
      if (run.text.trim() === '') continue;
      const attributes = [
        (look.attributes & BOLD) !== 0 ? ' font-weight="bold"' : '',
        (look.attributes & DIM) !== 0 ? ' opacity="0.6"' : '',
        (look.attributes & UNDERLINE) !== 0 ? ' text-decoration="underline"' : '',
      ].join('');
      // textLength keeps columns straight whatever font the viewer has.
      const length = (run.width * CELL_WIDTH).toFixed(1);
      parts.push(
        `<text x="${x}" y="${top + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${front}"${attributes}>${escapeXml(run.text)}</text>`,
      );
    }
  parts.push('</g></svg>');
  return `${parts.join('\n')}\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
