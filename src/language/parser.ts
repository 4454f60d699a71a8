/**
 * The entry to the language: text in, syntax tree and findings out. Never throws, whatever the text; the order of
 * items and other rules that are no grammar are checked here.
 */

import type { Parser } from 'typescript-parsec';
import { type Diagnostic, DiagnosticList, type Source } from '../diagnostics/diagnostic.ts';
import type { Expression, Program, RootItem, TypeExpression } from './ast.ts';
import { isAtEnd, type P, resultOf } from './combinators.ts';
import { expression } from './grammar-expressions.ts';
import { type AnyItem, PROGRAM, setPositionalParameters } from './grammar-program.ts';
import { TYPE } from './grammar-types.ts';
import { ScriptLexer } from './lexer.ts';
import { ParseState, withParseState } from './parse-state.ts';
import type { ScriptToken, TokenKind } from './tokens.ts';

export interface ParseOptions {
  /** The words behind the script: `$N` in an attach point is replaced by them as text. */
  readonly positionalParameters?: readonly string[];
}

export interface ParsedProgram {
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
}

/** parseProgram reads a script. */
export function parseProgram(source: Source, options: ParseOptions = {}): ParsedProgram {
  const first = parseOnce(source, options, false);
  if (!first.isUnbalanced) return first;
  // Braces are out of balance: a second look ends blocks where a line begins like a probe, and says which is open.
  const second = parseOnce(source, options, true);
  return second.diagnostics.some((finding) => finding.severity === 'error') ? second : first;
}

function parseOnce(
  source: Source,
  options: ParseOptions,
  shouldCloseAtProbes: boolean,
): ParsedProgram & { readonly isUnbalanced: boolean } {
  const diagnostics = new DiagnosticList();
  const lexer = new ScriptLexer(source, diagnostics, { shouldCloseAtProbes });
  const token = lexer.parse();
  setPositionalParameters(options.positionalParameters ?? []);
  const items = lexer.isAborted ? [] : (runParser(PROGRAM, token, source, diagnostics) ?? []);
  const definitions = items.filter((item) => item.kind === 'CDefinition');
  const rootItems = items.filter(isRootItem);
  checkOrder(items, diagnostics);
  return {
    program: {
      kind: 'Program',
      span: { source, start: 0, end: source.text.length },
      ...(lexer.shebang !== undefined && { shebang: lexer.shebang }),
      definitions,
      items: rootItems,
      comments: lexer.comments,
    },
    diagnostics: inOrder(diagnostics.items),
    isUnbalanced: lexer.isUnbalanced && !lexer.isAborted,
  };
}

function isRootItem(item: AnyItem): item is RootItem {
  return item.kind !== 'CDefinition';
}

function runParser<T>(parser: P<T>, token: ScriptToken, source: Source, diagnostics: DiagnosticList): T | undefined {
  const state = new ParseState(source, diagnostics);
  return withParseState(state, () => {
    const step = resultOf(parser.parse(token));
    if (!step || !isAtEnd(step.next)) {
      if (step) state.expect(step.next, 'operator');
      state.report();
    }
    return step?.result;
  });
}

/** Findings of the lexer and of the grammar, by place; equal places keep their order. */
function inOrder(items: readonly Diagnostic[]): readonly Diagnostic[] {
  return items.length < 2 ? items : items.toSorted((one, other) => (one.span?.start ?? 0) - (other.span?.start ?? 0));
}

// ---- order of items --------------------------------------------------------------------------------------------

const PREAMBLE_RULES: ReadonlyMap<AnyItem['kind'], { readonly code: string; readonly message: string }> = new Map([
  [
    'CDefinition',
    {
      code: 'definition-order',
      message: 'C definitions must appear before probes and functions',
    },
  ],
  [
    'ConfigBlock',
    {
      code: 'config-order',
      message: 'config must appear before probes and functions',
    },
  ],
  [
    'RootImport',
    {
      code: 'import-order',
      message: 'root imports must appear before probes and functions',
    },
  ],
] as const);

function checkOrder(items: readonly AnyItem[], diagnostics: DiagnosticList) {
  let isInBody = false;
  let hasConfig = false;
  for (const item of items) {
    if (item.kind === 'CDefinition' && /^#\s*pragma\s+D\b/.test(item.text))
      diagnostics.error('dtrace-pragma', "syntax: '#pragma D' is DTrace", item.span, {
        hints: ['leave it out; `-q` is the option for less output, and settings go into `config = { … }`'],
      });
    const rule = PREAMBLE_RULES.get(item.kind);
    if (!rule) isInBody ||= item.kind !== 'ErrorNode';
    else if (isInBody) diagnostics.error(rule.code, rule.message, item.span);
    if (item.kind !== 'ConfigBlock') continue;
    if (hasConfig && !isInBody) diagnostics.error('duplicate-config', 'duplicate config block', item.span);
    hasConfig = true;
  }
}

// ---- fragments -------------------------------------------------------------------------------------------------

export interface ParsedFragment<T> {
  readonly result?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** parseExpression reads one expression: the value of a `#define`, a watch in the prompt line. */
export function parseExpression(source: Source): ParsedFragment<Expression> {
  return parseFragment(expression, source);
}

/** parseType reads one type expression. */
export function parseType(source: Source): ParsedFragment<TypeExpression> {
  return parseFragment(TYPE, source);
}

function parseFragment<T>(parser: Parser<TokenKind, T>, source: Source): ParsedFragment<T> {
  const diagnostics = new DiagnosticList();
  const lexer = new ScriptLexer(source, diagnostics, { isFragment: true });
  const token = lexer.parse();
  const result = lexer.isAborted ? undefined : runParser(parser, token, source, diagnostics);
  return {
    ...(result !== undefined && !diagnostics.hasErrors && { result }),
    diagnostics: diagnostics.items,
  };
}
