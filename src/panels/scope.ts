/**
 * Restricts a script: adds a predicate to every probe that an event triggers. Done in the text, so that the script shown
 * behind a restricted panel is the one that runs.
 */

import type { Source } from '../diagnostics/diagnostic.ts';
import type { Block, BlockExpression, If } from '../language/ast.ts';
import { parseProgram } from '../language/parser.ts';

/** A restriction: `pid == 42`, `comm == "redis"`. */
export interface ScopeTerm {
  /** As the language names it: `pid`, `tid`, `comm`, `uid`, `cpu`, or an expression of the script's own. */
  readonly field: string;
  readonly value: string | number;
  /** Text in the script's own words that the value is compared with, in the probes that contain it: a part of a key. */
  readonly expression?: string;
  /** The value as the script writes it, where that is not what people read: an address, a number of 64 bits. */
  readonly literal?: string;
}

/** What an expression may not depend on to be moved to the front of a probe: it is known in the middle of the probe only. */
const IS_KNOWN_LATE = /[$@]/;

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
  const edits: Edit[] = [];
  const early = active.filter(({ expression }) => expression === undefined || !IS_KNOWN_LATE.test(expression));
  const late = active.filter((term) => !early.includes(term));
  for (const item of parseProgram(source).program.items) {
    if (item.kind !== 'Probe') continue;
    if (late.length > 0) edits.push(...aroundUpdates(item.body, source.text, late));
    if (item.attachPoints.every((point) => UNRESTRICTED.test(point.parts[0]?.text ?? ''))) continue;
    const body = source.text.slice(item.body.span.start, item.body.span.end);
    const condition = early
      .filter(({ expression }) => expression === undefined || body.includes(expression))
      .map((term) => comparison(term, expressions))
      .join(' && ');
    if (condition === '') continue;
    if (item.predicate === undefined) {
      edits.push({ start: item.body.span.start, end: item.body.span.start, text: `/${condition}/ ` });
    } else {
      const { start, end } = item.predicate.span;
      edits.push({ start, end, text: `(${source.text.slice(start, end)}) && ${condition}` });
    }
  }
  edits.sort((left, right) => left.start - right.start);
  let text = source.text;
  for (const edit of edits.reverse()) text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return text;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function comparison(term: ScopeTerm, expressions: Readonly<Record<string, string>>): string {
  const left = term.expression === undefined ? (expressions[term.field] ?? term.field) : `(${term.expression})`;
  return `${left} == ${term.literal ?? literal(term.value)}`;
}

/** Puts conditions around the updates of maps that have the expressions in their keys. */
function aroundUpdates(block: Block | BlockExpression, text: string, terms: readonly ScopeTerm[]): readonly Edit[] {
  return block.statements.flatMap((statement): readonly Edit[] => {
    switch (statement.kind) {
      case 'Block':
        return aroundUpdates(statement, text, terms);
      case 'If':
        return aroundBranches(statement, text, terms);
      case 'For':
      case 'While':
      case 'Unroll':
        return aroundUpdates(statement.body, text, terms);
      case 'Assignment':
      case 'ExpressionStatement': {
        const { start, end } = statement.span;
        const target = statement.kind === 'Assignment' ? statement.target : statement.expression;
        const map = target.kind === 'IncrementDecrement' ? target.operand : target;
        const keys = map.kind === 'MapAccess' ? (map.keys ?? []) : [];
        const parts = keys.map(({ span }) => text.slice(span.start, span.end));
        const condition = terms
          .filter(({ expression = '' }) => parts.includes(expression))
          .map((term) => comparison(term, {}))
          .join(' && ');
        if (condition === '') return [];
        const written = text.slice(start, end).replace(/;\s*$/, '');
        const behind = text[end] === ';' ? end + 1 : end;
        return [{ start, end: behind, text: `if (${condition}) { ${written}; }` }];
      }
      default:
        return [];
    }
  });
}

function aroundBranches(branch: If, text: string, terms: readonly ScopeTerm[]): readonly Edit[] {
  const { consequent, alternate } = branch;
  const otherwise =
    alternate === undefined
      ? []
      : alternate.kind === 'If'
        ? aroundBranches(alternate, text, terms)
        : aroundUpdates(alternate, text, terms);
  return [...aroundUpdates(consequent, text, terms), ...otherwise];
}

function literal(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // Control characters, and the bytes of names that are no UTF-8.
  const escaped = value.replace(/["\\]/g, '\\$&').replace(/[\x00-\x1f\x7f\udc80-\udcff]/g, (character) => {
    return `\\x${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
