/**
 * Drill-down: what the row at hand can be restricted by. Each part of the key that a predicate can express becomes a
 * choice for this panel, for all panels and for the tools that can be asked the same.
 */

import { keyExpressions, keyTitles } from '../../src/panels/key-titles.ts';
import { keyParts } from '../../src/panels/value-text.ts';
import type { Value } from '../../src/session/snapshot.ts';
import type { ScopeTerm } from '../sources/services.ts';
import type { Dashboard } from './dashboard.ts';
import type { Choice } from './overlay.ts';
import type { Panel } from './panel.ts';

/** Fields that mean the same in every script. */
const COMMON_FIELDS = new Set(['pid', 'tid', 'comm', 'uid', 'gid', 'cpu', 'cgroup']);

/** What a part of a key may consist of to be compared in a predicate: arguments and what the probe knows, no variables. */
const COMPARABLE = /^(?:str\()?[^$@{}"()]*\bargs\b[^$@{}"()]*\)?$/;

/**
 * drillChoices lists what can be done with the selected row; `widest` puts what restricts all panels in front, the
 * process before its name.
 */
export function drillChoices(dashboard: Dashboard, order: 'panel' | 'widest' = 'panel'): readonly Choice[] {
  const panel = dashboard.panel;
  const selection = panel?.view.selection();
  if (panel === undefined || selection === undefined) return [];
  const terms = scopeTerms(panel, selection.entry.key);
  const here: Choice[] = [];
  const everywhere: Choice[] = [];
  const both: Choice[] = [];
  for (const term of terms) {
    const label = `${term.field} = ${term.value}`;
    const one: Choice = {
      label: `this panel: ${label}`,
      detail: `restrict ${panel.title}`,
      run: () => restrict(dashboard, panel, term),
    };
    here.push(one);
    both.push(one);
    if (!COMMON_FIELDS.has(term.field)) continue;
    const all: Choice = {
      label: `all panels: ${label}`,
      detail: 'restrict everything that is open',
      run: () => restrictAll(dashboard, term),
    };
    if (term.field === 'pid') everywhere.unshift(all);
    else everywhere.push(all);
    both.push(all);
  }
  const choices: Choice[] = order === 'widest' ? [...everywhere, ...here] : both;
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
  const expressions = keyExpressions(panel.text, panel.tab);
  const terms: ScopeTerm[] = [];
  for (const [index, part] of keyParts(key).entries()) {
    const field = titles[index];
    if (field === undefined || panel.description.scope[field] === 'none') continue;
    const value = comparable(part);
    if (value === undefined || panel.scope.some((term) => term.field === field)) continue;
    const expression = expressions[index] ?? '';
    if (COMMON_FIELDS.has(field) || panel.description.scope[field] !== undefined) terms.push({ field, value });
    else if (COMPARABLE.test(expression)) terms.push({ field, value, expression });
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

/** unrestrict brings every panel back to what it was before the first restriction. */
export function unrestrict(dashboard: Dashboard): void {
  dashboard.scope = [];
  for (const panel of dashboard.panels) {
    let root = panel;
    for (let parent = dashboard.parentOf(root); parent !== undefined; parent = dashboard.parentOf(root)) root = parent;
    if (root !== panel) dashboard.replacePanel(panel, root, false);
  }
  dashboard.changed();
}

function restrictAll(dashboard: Dashboard, term: ScopeTerm): void {
  dashboard.scope = [...dashboard.scope.filter((other) => other.field !== term.field), term];
  for (const panel of dashboard.panels)
    if (panel.description.scope[term.field] !== 'none' && !panel.scope.some((other) => other.field === term.field))
      restrict(dashboard, panel, term);
}
