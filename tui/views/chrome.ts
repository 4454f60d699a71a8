/**
 * What surrounds the data: a panel's frame with its title and state, the status line, and what a panel says instead of
 * data (attaching, failed, detached).
 */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { formatCount, formatUnit } from '../../src/panels/units.ts';
import type { Painter } from '../cells/painter.ts';
import { shownWidth } from '../cells/sanitize.ts';
import { BOLD, style } from '../cells/style.ts';
import { textWidth } from '../cells/width.ts';
import type { ScopeTerm } from '../sources/services.ts';
import type { Dashboard } from '../state/dashboard.ts';
import type { Panel } from '../state/panel.ts';
import type { Glyphs } from '../theme/glyphs.ts';

export interface ChromeContext {
  readonly glyphs: Glyphs;
  readonly hasColors: boolean;
}

/** paintPanel draws a panel's frame and what is in it. */
export function paintPanel(
  painter: Painter,
  panel: Panel,
  place: { readonly index: number; readonly isFocused: boolean; readonly intervalMs: number },
  context: ChromeContext,
): void {
  const inner = painter.sub(1, 1, painter.width - 2, painter.height - 2);
  if (inner.height > 0) paintContent(inner, panel, place.isFocused, context);
  // After its contents: the frame says how many rows there are.
  paintFrame(painter, panel, place, context.glyphs);
}

function paintContent(inner: Painter, panel: Panel, isFocused: boolean, context: ChromeContext): void {
  const explained = explain(panel);
  const bottom =
    explained.length === 0
      ? explained
      : explained.flatMap((line) => wrap(line.text, inner.width).map((text) => ({ text, style: line.style })));
  if (panel.shownSnapshot === undefined && panel.log.length === 0) {
    paintLines(inner, bottom.length > 0 ? bottom : [{ text: emptyText(panel), style: style('faint') }]);
    return;
  }
  const reserved = Math.min(bottom.length, Math.floor(inner.height / 2));
  const area = inner.sub(0, 0, inner.width, inner.height - reserved);
  panel.view.paint(area, panel.context(context.glyphs, isFocused, context.hasColors));
  if (reserved > 0) paintLines(inner.sub(0, inner.height - reserved, inner.width, reserved), bottom);
}

function emptyText(panel: Panel): string {
  if (panel.status.kind === 'replay') return 'nothing recorded up to here';
  return panel.isBehind ? 'nothing was kept of that time' : 'waiting for the first data';
}

function paintFrame(
  painter: Painter,
  panel: Panel,
  place: { readonly index: number; readonly isFocused: boolean },
  glyphs: Glyphs,
): void {
  const { width, height } = painter;
  const look = style(place.isFocused ? 'borderFocus' : 'border');
  painter.fill(1, 0, width - 2, 1, look, glyphs.horizontal);
  painter.fill(1, height - 1, width - 2, 1, look, glyphs.horizontal);
  painter.fill(0, 1, 1, height - 2, look, glyphs.vertical);
  painter.fill(width - 1, 1, 1, height - 2, look, glyphs.vertical);
  painter.cell(0, 0, glyphs.topLeft, look);
  painter.cell(width - 1, 0, glyphs.topRight, look);
  painter.cell(0, height - 1, glyphs.bottomLeft, look);
  painter.cell(width - 1, height - 1, glyphs.bottomRight, look);

  let x = painter.text(2, 0, ` ${place.index + 1} `, style('key'), width - 4);
  x = painter.text(x, 0, `${panel.title} `, style('title', 'none', place.isFocused ? BOLD : 0), width - 4 - x);
  if (panel.scope.length > 0) x = painter.text(x, 0, `${scopeText(panel.scope)} `, style('warning'), width - 4 - x);

  const right = panelState(panel);
  const stateWidth = textWidth(right.text) + 2;
  if (x + stateWidth < width - 2) painter.text(width - 2 - stateWidth, 0, ` ${right.text} `, right.style);

  const tabs = panel.tabs;
  const tab = panel.tab;
  let at = 2;
  if (tabs.length > 1) {
    for (const name of tabs) {
      if (at + name.length + 4 > width) break;
      at = painter.text(at, height - 1, ` ${name} `, style(name === tab ? 'accent' : 'faint'));
    }
  }
  const status = panel.shownSnapshot === undefined && panel.log.length === 0 ? '' : panel.view.status();
  const statusWidth = shownWidth(status) + 2;
  if (status !== '' && at + statusWidth < width - 2)
    painter.text(width - 2 - statusWidth, height - 1, ` ${status} `, style('faint'));
}

/** What the frame's right corner says: losses first, then cost. */
function panelState(panel: Panel): { readonly text: string; readonly style: number } {
  const { lostEvents, fullMaps } = panel.losses;
  const full = fullMaps[0];
  if (full !== undefined)
    return { text: `${full.name} full, ${formatCount(full.refusedUpdates)} refused`, style: style('error') };
  if (lostEvents > 0) return { text: `${formatCount(lostEvents)} lost`, style: style('error') };
  switch (panel.status.kind) {
    case 'idle':
      return { text: 'detached', style: style('faint') };
    case 'starting':
      return { text: 'attaching', style: style('muted') };
    case 'failed':
      return { text: 'failed', style: style('error') };
    case 'suspended':
      return { text: 'over budget', style: style('warning') };
    case 'finished':
      return { text: 'ended', style: style('muted') };
    case 'replay':
    case 'live': {
      const { share, eventsPerSecond } = panel.cost;
      return { text: `${formatCount(Math.round(eventsPerSecond))}/s ${percent(share)}`, style: style('faint') };
    }
  }
}

interface StyledLine {
  readonly text: string;
  readonly style: number;
}

/** Why there is no live data; empty while there is. */
function explain(panel: Panel): readonly StyledLine[] {
  switch (panel.status.kind) {
    case 'failed':
      return panel.status.diagnostics.slice(0, 4).flatMap(diagnosticLines);
    case 'suspended':
      return [
        {
          text: `Detached: its probes took ${percent(panel.status.cost)} of a CPU. Press R to resume.`,
          style: style('warning'),
        },
      ];
    case 'starting':
      return panel.history.length > 0 ? [] : [{ text: 'attaching…', style: style('muted') }];
    default:
      return [];
  }
}

function diagnosticLines(diagnostic: Diagnostic): readonly StyledLine[] {
  return [
    { text: diagnostic.message, style: style(diagnostic.severity === 'error' ? 'error' : 'warning') },
    ...diagnostic.notes.map((note) => ({ text: note.message, style: style('muted') })),
    ...diagnostic.hints.map((hint) => ({ text: `→ ${hint}`, style: style('good') })),
  ];
}

function paintLines(painter: Painter, lines: readonly StyledLine[]): void {
  for (const [y, line] of lines.entries()) painter.text(0, y, line.text, line.style);
}

/** wrap breaks text at blanks into lines of a width. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
      while (line.length > width && width > 0) {
        lines.push(line.slice(0, width));
        line = line.slice(width);
      }
    }
    lines.push(line);
  }
  return lines;
}

/** paintStatus draws the line that is always there: what is shown, at what cost, with which losses. */
export function paintStatus(painter: Painter, dashboard: Dashboard): void {
  let x = painter.text(0, 0, ' bptop ', style('title'));
  const mode = modeText(dashboard);
  x = painter.text(x, 0, ` ${mode.text} `, mode.style) + 1;
  if (dashboard.recordingName !== undefined) x = painter.text(x, 0, 'REC ', style('error'));
  if (dashboard.scope.length > 0) x = painter.text(x, 0, `${scopeText(dashboard.scope)} `, style('warning'));
  const notice = dashboard.notice;
  if (notice !== undefined) {
    const token = notice.severity === 'info' ? 'good' : notice.severity;
    // What was lost stays in sight whatever else there is to say.
    const losses = costText(dashboard).filter(({ isLoss }) => isLoss);
    const room = painter.width - x - widthOf(losses) - 1;
    painter.text(x, 0, notice.text, style(token), room);
    x += Math.min(room, textWidth(notice.text)) + 1;
  }
  let cost = costText(dashboard);
  while (widthOf(cost) > painter.width - x && cost.length > 0) {
    const least = Math.max(...cost.map(({ rank }) => rank));
    cost = cost.filter(({ rank }) => rank !== least);
  }
  let at = painter.width - widthOf(cost);
  for (const part of cost) at = painter.text(at, 0, part.text, part.style);
}

function widthOf(parts: readonly StyledLine[]): number {
  return parts.reduce((sum, part) => sum + textWidth(part.text), 0);
}

function modeText(dashboard: Dashboard): StyledLine {
  const clock = (timeMs: number) => new Date(timeMs).toTimeString().slice(0, 8);
  const { timeline } = dashboard;
  if (timeline !== undefined) {
    const { isPaused, speed, timeMs, progress, damage } = timeline;
    const pace = isPaused ? 'paused' : `${speed < 1 ? `1/${1 / speed}` : speed}x`;
    const text = `REPLAY ${clock(timeMs)} ${Math.round(progress * 100)}% ${pace}${damage === undefined ? '' : `, ${damage}`}`;
    return { text, style: style(isPaused ? 'warning' : 'accent') };
  }
  if (dashboard.isPaused) {
    const ago = Math.round((dashboard.now() - dashboard.timeMs) / 1000);
    return { text: `PAUSED ${clock(dashboard.timeMs)} (-${ago}s)`, style: style('warning') };
  }
  return { text: `live ${dashboard.intervalMs / 1000}s`, style: style('good') };
}

/** A part of the cost; where there is no room for all, the highest ranks go first. */
interface CostPart extends StyledLine {
  readonly rank: number;
  readonly isLoss?: boolean;
}

function costText(dashboard: Dashboard): readonly CostPart[] {
  let events = 0;
  let probes = 0;
  let lost = 0;
  let full = 0;
  for (const panel of dashboard.panels) {
    if (panel.status.kind === 'live' || panel.status.kind === 'replay') {
      events += panel.cost.eventsPerSecond;
      probes += panel.cost.share;
    }
    const { lostEvents, fullMaps } = panel.losses;
    lost += lostEvents;
    full += fullMaps.length;
  }
  const muted = style('muted');
  const error = style('error');
  const parts: CostPart[] = [];
  if (lost > 0) parts.push({ text: ` ${formatCount(lost)} lost `, style: error, rank: 0, isLoss: true });
  if (full > 0) parts.push({ text: ` ${full} map${full > 1 ? 's' : ''} full `, style: error, rank: 1, isLoss: true });
  const { share, rssBytes } = dashboard.own;
  parts.push(
    { text: ` ${formatCount(Math.round(events))} ev/s `, style: muted, rank: 4 },
    {
      text: ` probes ${percent(probes)} `,
      style: probes > dashboard.options.budget ? style('warning') : muted,
      rank: 2,
    },
    { text: ` bptop ${percent(share)} `, style: muted, rank: 3 },
    { text: `${formatUnit(rssBytes, 'bytes')} `, style: muted, rank: 5 },
  );
  return parts;
}

function scopeText(scope: readonly ScopeTerm[]): string {
  return scope.map((term) => `${term.field}=${term.value}`).join(' ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
}
