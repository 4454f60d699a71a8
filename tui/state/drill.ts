/**
 * Drill-down: what the row at hand can be restricted by. Each part of the key that a predicate can express becomes a
 * choice for this panel, for all panels and for the tools that can be asked the same.
 */

import { keyExpressions, keyTitles } from '../../src/panels/key-titles.ts';
import { describeMap } from '../../src/panels/kind.ts';
import { keyParts } from '../../src/panels/value-text.ts';
import type { Value } from '../../src/session/snapshot.ts';
import type { ScopeTerm } from '../sources/services.ts';
import type { Dashboard } from './dashboard.ts';
import type { Choice } from './overlay.ts';
import type { Panel } from './panel.ts';

/** Fields that mean the same in every script. */
const COMMON_FIELDS = new Set(['pid', 'tid', 'comm', 'uid', 'gid', 'cpu', 'cgroup']);

/** Parts of keys that can be compared: what the probe or the script knows, no constants, no clocks. */
const COMPARABLE = /[$@]|\b(?:args|arg\d|curtask|retval|ctx)\b/;

/**
 * drillChoices lists what can be done with the selected row; `widest` puts what restricts all panels in front, the
 * process before its name.
 */
export function drillChoices(dashboard: Dashboard, order: 'panel' | 'widest' = 'panel'): readonly Choice[] {
  const panel = dashboard.panel;
  const selection = panel?.view.selection();
  if (panel === undefined || selection === undefined || dashboard.services.mode === 'replay') return [];
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
        run: () => dashboard.openTool(tool, [term], panel),
      });
    }
  }
  return choices;
}

/** Parts of a key that can be compared in a predicate. */
function scopeTerms(panel: Panel, key: Value | undefined): readonly ScopeTerm[] {
  const titles = keyTitles(panel.text, panel.tab);
  const expressions = keyExpressions(panel.text, panel.tab);
  const columns = describeMap(panel.description, panel.tab).columns?.filter(({ computed }) => computed === undefined);
  const terms: ScopeTerm[] = [];
  for (const [index, part] of keyParts(key).entries()) {
    const field = titles[index];
    if (field === undefined || panel.description.scope[field] === 'none') continue;
    const isCommon = COMMON_FIELDS.has(field) || panel.description.scope[field] !== undefined;
    const name = isCommon ? field : (columns?.[index]?.title ?? field);
    if (panel.scope.some((term) => term.field === name)) continue;
    const expression = expressions[index] ?? '';
    const term = termFor(name, part, isCommon ? undefined : expression);
    if (term !== undefined && (isCommon || COMPARABLE.test(expression))) terms.push(term);
  }
  return terms;
}

/** What is shown by a function's result is compared by the function's argument. */
const SHOWN_BY = /^(ksym|usym|ntop|username)\s*\(([^,]*)\)$/s;

function termFor(field: string, part: Value, written: string | undefined): ScopeTerm | undefined {
  const shown = written === undefined ? null : SHOWN_BY.exec(written);
  const expression = shown?.[2] ?? written;
  const term = (value: string | number, literal?: string): ScopeTerm => ({
    field,
    value,
    ...(expression !== undefined && { expression }),
    ...(literal !== undefined && { literal }),
  });
  if (typeof part === 'number' || typeof part === 'string') return term(part);
  if (typeof part === 'bigint') return term(String(part), String(part));
  if (typeof part !== 'object' || part instanceof Uint8Array || !('kind' in part)) return undefined;
  switch (part.kind) {
    case 'enum':
      return term(part.name ?? String(part.value), String(part.value));
    case 'pointer':
      return term(hexadecimal(part.address), hexadecimal(part.address));
    case 'symbol':
      return shown === null ? undefined : term(part.text, hexadecimal(part.address));
    case 'text':
      if (shown?.[1] === 'ntop') return term(part.text, `pton("${part.text}")`);
      return shown?.[1] === 'username' ? term(part.text, String(part.raw)) : undefined;
    default:
      return undefined;
  }
}

function hexadecimal(address: bigint): string {
  return `0x${address.toString(16)}`;
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
