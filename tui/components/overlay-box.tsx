/** The boxes over the panels: a list with fuzzy search, or text to scroll. They lie above the other surfaces. */

import { Box } from 'ink';
import type { Painter } from '../cells/painter.ts';
import { sanitize, shownWidth } from '../cells/sanitize.ts';
import { style, type Token } from '../cells/style.ts';
import { textWidth } from '../cells/width.ts';
import type { ListOverlay, Overlay, TextLine, TextOverlay, TextTone } from '../state/overlay.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import { Surface } from './surface.tsx';
import { useUi } from './ui-context.ts';
import { wrapSpans } from './wrap-spans.ts';

export function OverlayBox({ overlay }: { readonly overlay: Overlay }) {
  const { dashboard, glyphs } = useUi();
  const width = Math.min(dashboard.columns - 4, 100);
  const height = dashboard.rows - 4;
  const inner = { width: width - 2, height: height - 2 };
  const lines = overlay.kind === 'list' ? listLines(overlay, inner) : textLines(overlay, inner);
  const footer = footerOf(overlay);
  return (
    <Box
      position="absolute"
      width={dashboard.columns}
      height={dashboard.rows}
      justifyContent="center"
      alignItems="center"
    >
      <Surface
        layer={1}
        width={width}
        height={lines.length + 2}
        flexShrink={0}
        paint={(painter) => paintBox(painter, overlay.title, lines, footer, glyphs)}
      />
    </Box>
  );
}

type Span = { readonly text: string; readonly token: Token; readonly background?: Token };
type Line = readonly Span[];

/** Every cell of the box is written, so that nothing beneath shows through. */
function paintBox(painter: Painter, title: string, lines: readonly Line[], footer: string, glyphs: Glyphs): void {
  const { width, height } = painter;
  const border = style('borderFocus');
  const right = width - 1;
  const bottom = height - 1;
  painter.fill(1, 0, width - 2, 1, border, glyphs.horizontal);
  painter.fill(1, bottom, width - 2, 1, border, glyphs.horizontal);
  painter.cell(0, 0, glyphs.topLeft, border);
  painter.cell(right, 0, glyphs.topRight, border);
  painter.cell(0, bottom, glyphs.bottomLeft, border);
  painter.cell(right, bottom, glyphs.bottomRight, border);
  painter.text(2, 0, ` ${title} `, style('title'), width - 3);
  if (footer !== '') painter.text(width - 4 - footer.length, bottom, ` ${footer} `, style('faint'));
  for (const [index, line] of lines.entries()) {
    painter.cell(0, index + 1, glyphs.vertical, border);
    paintLine(painter.sub(1, index + 1, width - 2, 1), line);
    painter.cell(right, index + 1, glyphs.vertical, border);
  }
}

function paintLine(painter: Painter, line: Line): void {
  let x = 0;
  for (const { text, token, background } of line) x = painter.text(x, 0, text, style(token, background));
  painter.fill(x, 0, painter.width - x, 1, style('text', line.at(-1)?.background));
}

function listLines(overlay: ListOverlay, inner: { readonly width: number; readonly height: number }): readonly Line[] {
  const choices = overlay.choices;
  const page = Math.min(inner.height - 2, 30, Math.max(3, overlay.count));
  const top = Math.max(0, Math.min(overlay.selected - page + 1, choices.length - page));
  const labelWidth = Math.min(
    Math.floor(inner.width * 0.45),
    Math.max(...choices.map((choice) => shownWidth(choice.label)), 8),
  );
  const lines: Line[] = [
    [
      { text: ' / ', token: 'key' },
      { text: overlay.query.text, token: 'text' },
      { text: '▏', token: 'accent' },
    ],
    [{ text: '', token: 'text' }],
  ];
  for (let at = top; at < top + page; at++) {
    const choice = choices[at];
    const background: Token = at === overlay.selected ? 'selection' : 'none';
    if (choice === undefined) {
      lines.push([{ text: at === 0 ? ' nothing matches' : '', token: 'faint' }]);
      continue;
    }
    const note = choice.note ?? '';
    const detailWidth = inner.width - labelWidth - 4 - note.length - 1;
    lines.push([
      {
        text: ` ${sized(choice.label, labelWidth)}  `,
        token: at === overlay.selected ? 'selectionText' : 'text',
        background,
      },
      {
        text: sized(choice.detail, detailWidth),
        token: 'muted',
        background,
      },
      { text: ` ${note}`, token: 'key', background },
    ]);
  }
  return lines;
}

/** Text of exactly so many cells: what is cut off says so. */
function sized(text: string, width: number): string {
  const clean = sanitize(text);
  if (textWidth(clean) <= width) return clean + ' '.repeat(width - textWidth(clean));
  let kept = '';
  let used = 0;
  for (const character of clean) {
    used += textWidth(character);
    if (used >= width) break;
    kept += character;
  }
  return width <= 0 ? '' : `${kept}…${' '.repeat(Math.max(0, width - 1 - textWidth(kept)))}`;
}

const TONE_TOKENS: Readonly<Record<TextTone, Token>> = {
  text: 'text',
  muted: 'muted',
  title: 'title',
  key: 'key',
  error: 'error',
  warning: 'warning',
  good: 'good',
  match: 'match',
};

function textLines(overlay: TextOverlay, inner: { readonly width: number; readonly height: number }): readonly Line[] {
  const rows = overlay.lines.flatMap((line) => wrapSpans(line, inner.width - 2));
  overlay.rows = rows.length;
  overlay.page = Math.min(inner.height, rows.length);
  overlay.top = Math.max(0, Math.min(overlay.top, rows.length - overlay.page));
  return rows
    .slice(overlay.top, overlay.top + overlay.page)
    .map((line: TextLine) => [
      { text: ' ', token: 'text' },
      ...line.map((span) => ({ text: span.text, token: TONE_TOKENS[span.tone] })),
    ]);
}

function footerOf(overlay: Overlay): string {
  if (overlay.kind === 'list') return `${overlay.choices.length} of ${overlay.count} · Enter chooses · Esc closes`;
  const last = overlay.top + overlay.page;
  return overlay.rows > overlay.page ? `${last} of ${overlay.rows} · ↑↓ scroll · any key closes` : 'any key closes';
}
