/** What `i` shows: what a panel's numbers mean, what to look at next, what it needs, and every message in full. */

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { formatUnit } from '../../src/panels/units.ts';
import { plainLines, type TextLine, TextOverlay, type TextTone } from './overlay.ts';
import type { Panel } from './panel.ts';

export function panelInformation(panel: Panel): TextOverlay {
  const { description } = panel;
  const lines: TextLine[] = [];
  const add = (title: string, text: string): void => {
    if (text !== '')
      lines.push([
        { text: title.padEnd(12), tone: 'key' },
        { text, tone: 'text' },
      ]);
  };
  add('What', description.summary);
  add('High', description.high);
  add('Next', description.next.join(', '));
  add('Overhead', description.overhead);
  add('Needs', description.needs.join(', '));
  for (const parameter of description.parameters)
    add(`$${parameter.position}`, `${parameter.name} = ${parameter.defaultValue}: ${parameter.summary}`);
  if (description.details !== '') lines.push([], ...plainLines(description.details, 'muted'));
  if (panel.status.kind === 'failed') {
    lines.push([]);
    for (const diagnostic of panel.status.diagnostics) lines.push(...diagnosticText(diagnostic));
    if (panel.status.log !== undefined) lines.push([], ...plainLines(panel.status.log, 'muted'));
  }
  if (panel.warnings.length > 0) lines.push([], ...panel.warnings.flatMap(diagnosticText));
  const snapshot = panel.shownSnapshot;
  if (snapshot !== undefined) {
    lines.push([], [{ text: 'Probes', tone: 'title' }]);
    for (const probe of snapshot.probes) {
      const each = probe.runs === 0 ? '-' : formatUnit(probe.timeNs / probe.runs, 'ns');
      const sites = probe.sites > 1 ? ` and ${probe.sites - 1} more` : '';
      lines.push([{ text: `  ${probe.name}${sites}: ${probe.runs} runs, ${each} each`, tone: 'text' }]);
    }
  }
  return new TextOverlay(panel.title, lines);
}

function diagnosticText(diagnostic: Diagnostic): readonly TextLine[] {
  const tone: TextTone = diagnostic.severity === 'error' ? 'error' : 'warning';
  return [
    ...plainLines(diagnostic.message, tone),
    ...diagnostic.notes.flatMap((note) => plainLines(`  ${note.message}`, 'muted')),
    ...diagnostic.hints.flatMap((hint) => plainLines(`  → ${hint}`, 'good')),
  ];
}
