/**
 * Reads the header comment of a tool: the first block comment of the script, if it has at least one `field: value` line.
 * The format is in docs/panels.md. Mistakes are warnings with a place; the panel still opens.
 */

import { type Diagnostic, DiagnosticList, type Source, type Span } from '../diagnostics/diagnostic.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import {
  COMPUTED_COLUMNS,
  type ColumnDescription,
  emptyDescription,
  type MapDescription,
  PANEL_KINDS,
  type PanelDescription,
  type PanelParameter,
  UNITS,
} from './description.ts';

export interface ParsedHeader {
  readonly description: PanelDescription;
  readonly diagnostics: readonly Diagnostic[];
}

interface Field {
  readonly name: string;
  /** What stands between the field's name and the colon: a map, a parameter. */
  readonly subject: string;
  value: string;
  readonly span: Span;
}

type Draft = { -readonly [Key in keyof PanelDescription]: PanelDescription[Key] };

interface FieldContext {
  readonly draft: Draft;
  readonly diagnostics: DiagnosticList;
}

type FieldReader = (field: Field, context: FieldContext) => void;

const FIELDS: Readonly<Record<string, FieldReader>> = {
  title: (field, { draft }) => {
    draft.title = field.value;
  },
  group: (field, { draft }) => {
    draft.group = field.value;
  },
  high: (field, { draft }) => {
    draft.high = field.value;
  },
  next: (field, { draft }) => {
    draft.next = list(field.value);
  },
  overhead: (field, { draft }) => {
    draft.overhead = field.value;
  },
  needs: (field, { draft }) => {
    draft.needs = list(field.value);
  },
  main: (field, { draft }) => {
    draft.main = field.value;
  },
  map: readMap,
  columns: readColumns,
  param: readParameter,
  scope: (field, { draft }) => {
    draft.scope = { ...draft.scope, [field.subject]: field.value };
  },
};

/** Fields that say which map or parameter they mean. */
const WITH_SUBJECT = new Set(['map', 'columns', 'param', 'scope']);

/** parseHeader reads the description of a script; `name` stands in where the header gives none. */
export function parseHeader(source: Source, name: string): ParsedHeader {
  const diagnostics = new DiagnosticList();
  const draft: Draft = { ...emptyDescription(name) };
  const comment = firstBlockComment(source.text);
  if (comment === undefined) return { description: draft, diagnostics: [] };
  const { fields, prose } = splitFields(source, comment);
  if (!fields.some((field) => FIELDS[field.name] !== undefined)) return { description: draft, diagnostics: [] };

  const [first = '', ...rest] = prose;
  const heading = /^(\S+)\s+(?:-|–|—)\s+(.+)$/.exec(first);
  if (heading === null) draft.details = prose.join('\n').trim();
  else {
    draft.name = heading[1] ?? name;
    draft.title = draft.name;
    draft.summary = heading[2] ?? '';
    draft.details = rest.join('\n').trim();
  }
  for (const field of fields) {
    const reader = FIELDS[field.name];
    if (reader === undefined) {
      // Prose may contain a colon; only a near miss of a field's name is worth a word.
      const near = nearestName(field.name, Object.keys(FIELDS));
      if (near !== undefined)
        diagnostics.warning('unknown-header-field', `Unknown header field '${field.name}'`, field.span, {
          hints: [`Did you mean '${near}'?`],
        });
    } else if (WITH_SUBJECT.has(field.name) && field.subject === '') {
      diagnostics.warning(
        'header-field-subject',
        `'${field.name}' must say which: ${EXAMPLES[field.name]}`,
        field.span,
      );
    } else reader(field, { draft, diagnostics });
  }
  return { description: draft, diagnostics: diagnostics.items };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  map: 'map @ns: histogram, unit ns',
  columns: 'columns @calls: process, pid, calls (count), rate',
  param: 'param pid = 0: only this process',
  scope: 'scope pid: args.prev_pid',
};

function firstBlockComment(text: string): { readonly start: number; readonly end: number } | undefined {
  const match = /^(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n|#[^\n]*\n)*\/\*/.exec(text);
  if (match === null) return undefined;
  const start = match[0].length;
  const end = text.indexOf('*/', start);
  return end < 0 ? undefined : { start, end };
}

function splitFields(
  source: Source,
  comment: { readonly start: number; readonly end: number },
): { readonly fields: readonly Field[]; readonly prose: readonly string[] } {
  const fields: Field[] = [];
  const prose: string[] = [];
  let offset = comment.start;
  let current: Field | undefined;
  for (const line of source.text.slice(comment.start, comment.end).split('\n')) {
    const lineStart = offset;
    offset += line.length + 1;
    const text = line.replace(/^\s*\*?/, '');
    const content = text.trim();
    const match = /^\s?([a-z]+)(?:\s+([^:]*?))?\s*:(?:\s+(.*)|)$/.exec(text.trimEnd());
    const name = match?.[1] ?? '';
    if (match !== null && (FIELDS[name] !== undefined || match[2] === undefined)) {
      const start = lineStart + line.indexOf(content);
      current = {
        name,
        subject: match[2] ?? '',
        value: match[3] ?? '',
        span: { source, start, end: start + content.length },
      };
      fields.push(current);
    } else if (current !== undefined && content !== '' && /^\s{2,}/.test(text)) {
      current.value = `${current.value} ${content}`.trim();
    } else {
      current = undefined;
      if (content !== '' || prose.length > 0) prose.push(content);
    }
  }
  return { fields, prose };
}

function readMap(field: Field, { draft, diagnostics }: FieldContext): void {
  const map: { -readonly [Key in keyof MapDescription]: MapDescription[Key] } = { map: field.subject };
  for (const item of list(field.value)) {
    const [word = '', ...rest] = item.split(/\s+/);
    const value = rest.join(' ');
    const kind = PANEL_KINDS.find((candidate) => candidate === word);
    if (kind !== undefined && value === '') map.kind = kind;
    else if (word === 'hidden') map.isHidden = true;
    else if (word === 'title') map.title = value;
    else if (word === 'sort') map.sort = value;
    else if (word === 'renew' && Number(value) > 0) map.renewSeconds = Number(value);
    else if (word === 'scale' && (value === 'log' || value === 'linear')) map.scale = value;
    else if (word === 'unit') {
      const unit = UNITS.find((candidate) => candidate === value);
      if (unit === undefined) unknownUnit(value, field, diagnostics);
      else map.unit = unit;
    } else {
      const known = [...PANEL_KINDS, 'hidden', 'title', 'sort', 'renew', 'scale', 'unit'];
      const near = nearestName(word, known);
      diagnostics.warning('unknown-map-attribute', `Unknown view or attribute '${item}'`, field.span, {
        hints: [near === undefined ? `Known: ${known.join(', ')}` : `Did you mean '${near}'?`],
      });
    }
  }
  mergeMap(draft, map);
}

function readColumns(field: Field, { draft, diagnostics }: FieldContext): void {
  const columns = list(field.value).map((item): ColumnDescription => {
    const match = /^(.*?)\s*(?:\(([^)]*)\))?$/.exec(item);
    const title = match?.[1] ?? item;
    const unit = UNITS.find((candidate) => candidate === match?.[2]);
    if (match?.[2] !== undefined && unit === undefined) unknownUnit(match[2], field, diagnostics);
    const computed = COMPUTED_COLUMNS.find((candidate) => candidate === title);
    return { title, ...(unit !== undefined && { unit }), ...(computed !== undefined && { computed }) };
  });
  mergeMap(draft, { map: field.subject, columns });
}

function readParameter(field: Field, { draft, diagnostics }: FieldContext): void {
  const match = /^([a-z][\w-]*)(?:\s*=\s*(.*?)(\s+required)?)?$/.exec(field.subject);
  if (match === null) {
    diagnostics.warning('header-parameter', `Parameters read: ${EXAMPLES['param']}`, field.span);
    return;
  }
  const parameter: PanelParameter = {
    name: match[1] ?? '',
    position: draft.parameters.length + 1,
    defaultValue: match[2] ?? '0',
    summary: field.value,
    ...(match[2] === undefined && { isSwitch: true }),
    ...(match[3] !== undefined && { isRequired: true }),
  };
  draft.parameters = [...draft.parameters, parameter];
}

function unknownUnit(unit: string, field: Field, diagnostics: DiagnosticList): void {
  diagnostics.warning('unknown-unit', `Unknown unit '${unit}'`, field.span, { hints: [`Known: ${UNITS.join(', ')}`] });
}

function mergeMap(draft: Draft, part: MapDescription): void {
  const before = draft.maps.find((map) => map.map === part.map);
  draft.maps =
    before === undefined
      ? [...draft.maps, part]
      : draft.maps.map((map) => (map === before ? { ...before, ...part } : map));
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
