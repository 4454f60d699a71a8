/** The boxes over the panels: a list with fuzzy search, or text to scroll. They shield what lies beneath from surfaces. */

import { Box, type DOMElement, Text } from 'ink';
import { useEffect, useRef } from 'react';
import { sanitize } from '../cells/sanitize.ts';
import type { Token } from '../cells/style.ts';
import { textWidth } from '../cells/width.ts';
import type { ListOverlay, Overlay, TextLine, TextOverlay, TextTone } from '../state/overlay.ts';
import { rectOf } from './place.ts';
import { paintText } from './styled.tsx';
import { useUi } from './ui-context.ts';

export function OverlayBox({ overlay }: { readonly overlay: Overlay }) {
  const { dashboard, sink } = useUi();
  const element = useRef<DOMElement>(null);
  useEffect(() => sink.addShield({ rect: () => rectOf(element.current) }), [sink]);
  const width = Math.min(dashboard.columns - 4, 100);
  const height = dashboard.rows - 4;
  const inner = { width: width - 2, height: height - 2 };
  const lines = overlay.kind === 'list' ? listLines(overlay, inner) : textLines(overlay, inner);
  return (
    <Box
      position="absolute"
      width={dashboard.columns}
      height={dashboard.rows}
      justifyContent="center"
      alignItems="center"
    >
      <Box ref={element} width={width} flexDirection="column" flexShrink={0}>
        <Frame title={overlay.title} width={width} lines={lines} footer={footerOf(overlay)} />
      </Box>
    </Box>
  );
}

type Span = { readonly text: string; readonly token: Token; readonly background?: Token };
type Line = readonly Span[];

/** Every cell of the box is written, so that nothing beneath shows through. */
function Frame(props: {
  readonly title: string;
  readonly width: number;
  readonly lines: readonly Line[];
  readonly footer: string;
}) {
  const { glyphs } = useUi();
  const inner = props.width - 2;
  const title = ` ${props.title} `;
  const border = (text: string) => paintText(text, 'borderFocus');
  const top =
    border(glyphs.topLeft + glyphs.horizontal) +
    paintText(title, 'title') +
    border(glyphs.horizontal.repeat(Math.max(0, inner - 1 - textWidth(sanitize(title)))) + glyphs.topRight);
  const footer = props.footer === '' ? '' : ` ${props.footer} `;
  const bottom =
    border(glyphs.bottomLeft + glyphs.horizontal.repeat(Math.max(0, inner - footer.length - 1))) +
    paintText(footer, 'faint') +
    border(glyphs.horizontal + glyphs.bottomRight);
  const rows = props.lines.map((line) => border(glyphs.vertical) + paintLine(line, inner) + border(glyphs.vertical));
  return <Text wrap="truncate">{[top, ...rows, bottom].join('\n')}</Text>;
}

function paintLine(line: Line, width: number): string {
  let left = width;
  let painted = '';
  for (const span of line) {
    let text = sanitize(span.text);
    while (textWidth(text) > left) text = text.slice(0, Math.max(0, text.length - Math.max(1, textWidth(text) - left)));
    left -= textWidth(text);
    if (text !== '') painted += paintText(text, span.token, span.background);
  }
  return painted + paintText(' '.repeat(left), 'text', line.at(-1)?.background);
}

function listLines(overlay: ListOverlay, inner: { readonly width: number; readonly height: number }): readonly Line[] {
  const choices = overlay.choices;
  const page = Math.min(inner.height - 2, 30, Math.max(3, overlay.count));
  const top = Math.max(0, Math.min(overlay.selected - page + 1, choices.length - page));
  const labelWidth = Math.min(
    Math.floor(inner.width * 0.45),
    Math.max(...choices.map((choice) => textWidth(sanitize(choice.label))), 8),
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
        text: ` ${choice.label.slice(0, labelWidth).padEnd(labelWidth)}  `,
        token: at === overlay.selected ? 'selectionText' : 'text',
        background,
      },
      {
        text: choice.detail.slice(0, Math.max(0, detailWidth)).padEnd(Math.max(0, detailWidth)),
        token: 'muted',
        background,
      },
      { text: ` ${note}`, token: 'key', background },
    ]);
  }
  return lines;
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
  overlay.page = Math.min(inner.height, overlay.lines.length);
  overlay.top = Math.max(0, Math.min(overlay.top, overlay.lines.length - overlay.page));
  return overlay.lines
    .slice(overlay.top, overlay.top + overlay.page)
    .map((line: TextLine) => [
      { text: ' ', token: 'text' },
      ...line.map((span) => ({ text: span.text, token: TONE_TOKENS[span.tone] })),
    ]);
}

function footerOf(overlay: Overlay): string {
  if (overlay.kind === 'list') return `${overlay.choices.length} of ${overlay.count} · Enter chooses · Esc closes`;
  const last = overlay.top + overlay.page;
  return overlay.lines.length > overlay.page
    ? `${last} of ${overlay.lines.length} · ↑↓ scroll · any key closes`
    : 'any key closes';
}
