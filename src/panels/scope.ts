/**
 * Restricts a script: adds a predicate to every probe that an event triggers. Done in the text, so that the script shown
 * behind a restricted panel is the one that runs.
 */

import type { Source } from '../diagnostics/diagnostic.ts';
import { parseProgram } from '../language/parser.ts';

/** A restriction: `pid == 42`, `comm == "redis"`. */
export interface ScopeTerm {
  /** As the language names it: `pid`, `tid`, `comm`, `uid`, `cpu`, or an expression of the script's own. */
  readonly field: string;
  readonly value: string | number;
  /** Text in the script's own words that the value is compared with, in the probes that contain it: a part of a key. */
  readonly expression?: string;
}

/** Probes that no task triggers: they go on whatever the panel is restricted to. */
const UNRESTRICTED = /^(?:BEGIN|END|begin|end|interval|i|self|test|bench|iter|it)$/;

/**
 * restrictScript gives the script with the terms as predicates. `expressions` says what stands for a field in this script
 * where it is not the field itself; a field that is `none` there restricts nothing. A term with an expression of its own
 * restricts the probes that use this expression.
 */
export function restrictScript(
  source: Source,
  terms: readonly ScopeTerm[],
  expressions: Readonly<Record<string, string>> = {},
): string {
  const isOpen = (term: ScopeTerm) => term.expression !== undefined || expressions[term.field] !== 'none';
  const active = terms.filter(isOpen);
  if (active.length === 0) return source.text;
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  for (const item of parseProgram(source).program.items) {
    if (item.kind !== 'Probe') continue;
    if (item.attachPoints.every((point) => UNRESTRICTED.test(point.parts[0]?.text ?? ''))) continue;
    const body = source.text.slice(item.body.span.start, item.body.span.end);
    const condition = active
      .filter(({ expression }) => expression === undefined || body.includes(expression))
      .map(
        (term) =>
          `${term.expression === undefined ? (expressions[term.field] ?? term.field) : `(${term.expression})`} == ${literal(term.value)}`,
      )
      .join(' && ');
    if (condition === '') continue;
    if (item.predicate === undefined) {
      edits.push({ start: item.body.span.start, end: item.body.span.start, text: `/${condition}/ ` });
    } else {
      const { start, end } = item.predicate.span;
      edits.push({ start, end, text: `(${source.text.slice(start, end)}) && ${condition}` });
    }
  }
  let text = source.text;
  for (const edit of edits.reverse()) text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return text;
}

function literal(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const escaped = value.replace(/["\\]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
