/**
 * Drill-down: what the row at hand can be restricted by. Each part of the key that a predicate can express becomes a
 * choice for this panel, for all panels and for the tools that can be asked the same.
 */

import { keyTitles } from '../../src/panels/key-titles.ts';
import { keyParts } from '../../src/panels/value-text.ts';
import type { Value } from '../../src/session/snapshot.ts';
import type { ScopeTerm } from '../sources/services.ts';
import type { Dashboard } from './dashboard.ts';
import type { Choice } from './overlay.ts';
import type { Panel } from './panel.ts';

/** Fields that mean the same in every script. */
const COMMON_FIELDS = new Set(['pid', 'tid', 'comm', 'uid', 'gid', 'cpu', 'cgroup']);

/** drillChoices lists what Enter offers on the selected row. */
export function drillChoices(dashboard: Dashboard): readonly Choice[] {
  const panel = dashboard.panel;
  const selection = panel?.view.selection();
  if (panel === undefined || selection === undefined) return [];
  const terms = scopeTerms(panel, selection.entry.key);
  const choices: Choice[] = [];
  for (const term of terms) {
    const label = `${term.field} = ${term.value}`;
    choices.push({
      label: `this panel: ${label}`,
      detail: `restrict ${panel.title}`,
      run: () => restrict(dashboard, panel, term),
    });
    if (!COMMON_FIELDS.has(term.field)) continue;
    choices.push({
      label: `all panels: ${label}`,
      detail: 'restrict everything that is open',
      run: () => restrictAll(dashboard, term),
    });
  }
  for (const term of terms) {
    if (!COMMON_FIELDS.has(term.field)) continue;
    const related = new Set(panel.description.next);
    const tools = [...dashboard.tools].sort((a, b) => Number(related.has(b.name)) - Number(related.has(a.name)));
    for (const tool of tools) {
      if (tool.name === panel.name || tool.description.scope[term.field] === 'none') continue;
      choices.push({
        label: `${tool.name}: ${term.field} = ${term.value}`,
        detail: tool.description.summary,
        note: related.has(tool.name) ? 'next' : tool.description.group,
        run: () => dashboard.openTool(tool, [term]),
      });
    }
  }
  return choices;
}

/** Parts of a key that can be compared in a predicate. */
function scopeTerms(panel: Panel, key: Value | undefined): readonly ScopeTerm[] {
  const titles = keyTitles(panel.text, panel.tab);
  const terms: ScopeTerm[] = [];
  for (const [index, part] of keyParts(key).entries()) {
    const field = titles[index];
    if (field === undefined || panel.description.scope[field] === 'none') continue;
    const value = comparable(part);
    const isExpressible = COMMON_FIELDS.has(field) || panel.description.scope[field] !== undefined;
    if (value !== undefined && isExpressible && !panel.scope.some((term) => term.field === field))
      terms.push({ field, value });
  }
  return terms;
}

function comparable(value: Value): string | number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  // A name with undecodable bytes cannot be written as a literal.
  if (typeof value === 'string') return /[\udc80-\udcff]/.test(value) ? undefined : value;
  return undefined;
}

function restrict(dashboard: Dashboard, panel: Panel, term: ScopeTerm): void {
  const next = dashboard.createLike(panel, [...panel.scope, term]);
  dashboard.replacePanel(panel, next, true);
}

function restrictAll(dashboard: Dashboard, term: ScopeTerm): void {
  dashboard.scope = [...dashboard.scope.filter((other) => other.field !== term.field), term];
  for (const panel of dashboard.panels)
    if (panel.description.scope[term.field] !== 'none' && !panel.scope.some((other) => other.field === term.field))
      restrict(dashboard, panel, term);
}
