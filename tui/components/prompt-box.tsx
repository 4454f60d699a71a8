/**
 * The prompt line and what belongs to it: the typed text with its errors underlined, the first finding in words, and the
 * completions above.
 */

import { Box, Text } from 'ink';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { sanitize, shownWidth } from '../cells/sanitize.ts';
import type { Token } from '../cells/style.ts';
import { UNDERLINE } from '../cells/style.ts';
import type { Completion } from '../sources/services.ts';
import { MAX_COMPLETIONS, type Prompt } from '../state/prompt.ts';
import { wrap } from '../views/chrome.ts';
import { paintText } from './styled.tsx';
import { useUi } from './ui-context.ts';

const KIND_TOKENS: Readonly<Record<Completion['kind'], Token>> = {
  probe: 'probe',
  argument: 'series0',
  builtin: 'series1',
  function: 'series2',
  map: 'series3',
  variable: 'series4',
  field: 'series0',
  keyword: 'key',
  command: 'accent',
  tool: 'good',
};

export function PromptBox({ prompt }: { readonly prompt: Prompt }) {
  const { sink, dashboard } = useUi();
  const { editor } = prompt;
  const width = dashboard.columns - 2;
  const maxLines = Math.max(1, Math.floor(dashboard.rows / 2) - 3);
  const rows = wrapLines(editor.text, width);
  const cursorRow = rows.findLastIndex((row) => row.start <= editor.cursor);
  const cursor = rows[cursorRow];
  const top = Math.max(0, Math.min(cursorRow - maxLines + 1, rows.length - maxLines));
  const shown = rows.slice(top, top + maxLines);
  const message = messageOf(prompt);
  const lines = message === undefined ? [] : messageLines(message.text, width);
  const completions = visibleCompletions(prompt, Math.max(0, dashboard.rows - shown.length - lines.length - 5));
  if (cursor !== undefined)
    sink.setCursor({
      x: 1 + shownWidth(editor.text.slice(cursor.start, editor.cursor)),
      y: dashboard.rows - shown.length + (cursorRow - top),
    });
  return (
    <Box flexDirection="column" flexShrink={0}>
      {completions.map(({ completion, isSelected }) => (
        <CompletionLine key={completion.kind + completion.text} completion={completion} isSelected={isSelected} />
      ))}
      {lines.map((line) => (
        <Text key={line} wrap="truncate">{` ${paintText(line, message?.token ?? 'error')}`}</Text>
      ))}
      {shown.map((row, index) => (
        <Text key={row.start} wrap="truncate">
          {paintText(index === 0 && top === 0 ? ':' : ' ', 'key') + paintRow(editor.text, row, prompt.diagnostics)}
        </Text>
      ))}
    </Box>
  );
}

const MOST_MESSAGE_LINES = 3;

/** The words of a finding; its end is where the way out stands, so that it is not cut but broken. */
function messageLines(text: string, width: number): readonly string[] {
  const lines = wrap(sanitize(text), width);
  const shown = lines.slice(0, MOST_MESSAGE_LINES);
  return lines.length > shown.length ? [...shown.slice(0, -1), `${shown.at(-1)}…`] : shown;
}

interface TextRow {
  readonly start: number;
  readonly end: number;
}

/** Rows of the text at a width: broken at newlines, and where a line is too long. */
function wrapLines(text: string, width: number): readonly TextRow[] {
  const rows: TextRow[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    for (let at = start; at === start || at < end; at += width)
      rows.push({ start: at, end: Math.min(end, at + width) });
    start = end + 1;
  }
  return rows;
}

/** A row of text with the spans of findings underlined. */
function paintRow(text: string, row: TextRow, diagnostics: readonly Diagnostic[]): string {
  let painted = '';
  let at = row.start;
  const marks = diagnostics
    .flatMap((diagnostic) =>
      diagnostic.span === undefined ? [] : [{ ...diagnostic.span, severity: diagnostic.severity }],
    )
    .map((span) => ({ start: span.start, end: Math.max(span.end, span.start + 1), severity: span.severity }))
    .sort((left, right) => left.start - right.start);
  for (const mark of marks) {
    const start = Math.max(at, mark.start);
    const end = Math.min(row.end, mark.end);
    if (start >= end) continue;
    painted += text.slice(at, start) === '' ? '' : paintText(text.slice(at, start), 'text');
    painted += paintText(text.slice(start, end), mark.severity === 'error' ? 'error' : 'warning', 'none', UNDERLINE);
    at = end;
  }
  return at < row.end ? painted + paintText(text.slice(at, row.end), 'text') : painted;
}

function messageOf(prompt: Prompt): { readonly text: string; readonly token: Token } | undefined {
  if (prompt.message !== '') return { text: prompt.message, token: 'error' };
  const finding = prompt.diagnostics[0];
  if (finding === undefined) return undefined;
  const hint = finding.hints[0];
  return {
    text: `${finding.message}${hint === undefined ? '' : ` — ${hint}`}`,
    token: finding.severity === 'error' ? 'error' : 'warning',
  };
}

function visibleCompletions(
  prompt: Prompt,
  limit: number,
): readonly { readonly completion: Completion; readonly isSelected: boolean }[] {
  return prompt.completions
    .slice(0, Math.min(MAX_COMPLETIONS, limit))
    .map((completion, index) => ({ completion, isSelected: index === prompt.selected }));
}

function CompletionLine({ completion, isSelected }: { readonly completion: Completion; readonly isSelected: boolean }) {
  const { glyphs, dashboard } = useUi();
  const background = isSelected ? 'selection' : 'none';
  const name = completion.text.trim();
  const nameWidth = Math.min(Math.max(24, Math.floor(dashboard.columns / 2)), Math.max(24, name.length + 2));
  return (
    <Text wrap="truncate">
      {paintText(isSelected ? glyphs.pointer : ' ', 'key', background) +
        paintText(name.padEnd(nameWidth), KIND_TOKENS[completion.kind], background) +
        paintText(completion.detail, 'muted', background)}
    </Text>
  );
}
