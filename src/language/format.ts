/**
 * The formatter of `--fmt`: a program in canonical form. Comments stay by their statements, single blank lines where
 * the author put some. Formatting twice changes nothing, and the text reads back as the same tree.
 */

import type {
  AnyNode,
  AttachPoint,
  BlockExpression,
  CDefinition,
  Comment,
  ConfigBlock,
  ConfigEntry,
  Expression,
  FunctionDefinition,
  Macro,
  Probe,
  Program,
  RootItem,
  Statement,
} from './ast.ts';
import {
  type BlockPrinter,
  needsParenthesesAsStatement,
  printExpression,
  printOperand,
  printString,
} from './print-expressions.ts';
import { printType } from './print-types.ts';
import { childrenOf } from './walk.ts';

const INDENT = '  ';
const WIDTH = 80;

/** formatProgram gives the script in canonical form, with a line end at its end. */
export function formatProgram(program: Program): string {
  return new Formatter(program).run();
}

/** formatStatement gives one statement without its comments, for messages and tests. */
export function formatStatement(statement: Statement): string {
  return new Formatter(undefined).statement(statement);
}

interface Placed {
  readonly span: { readonly start: number; readonly end: number };
}

class Formatter implements BlockPrinter {
  readonly #program: Program | undefined;
  readonly #text: string;
  readonly #comments: readonly Comment[];
  #nextComment = 0;
  #depth = 0;

  constructor(program: Program | undefined) {
    this.#program = program;
    this.#text = program?.span.source.text ?? '';
    this.#comments = program?.comments ?? [];
  }

  run(): string {
    const program = this.#program;
    if (!program) return '';
    const items: readonly (CDefinition | RootItem)[] = [...program.definitions, ...program.items];
    const lines = this.#sequence(
      items,
      Number.POSITIVE_INFINITY,
      (item) => (item.kind === 'CDefinition' ? item.text : this.#item(item)),
      (item, previous) => !(TIGHT.has(item.kind) && previous.kind === item.kind),
    );
    if (program.shebang !== undefined) lines.unshift(program.shebang, ...(lines.length > 0 ? [''] : []));
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  // ---- items -----------------------------------------------------------------------------------------------

  #item(item: RootItem): string {
    switch (item.kind) {
      case 'ConfigBlock':
        return this.#config(item);
      case 'RootImport':
        return `import ${printString(item.path)};`;
      case 'MapDeclaration':
        return `let ${item.name} = ${item.mapKind}(${item.args.map((argument) => this.#expression(argument)).join(', ')});`;
      case 'Macro':
        return this.#macro(item);
      case 'FunctionDefinition':
        return this.#function(item);
      case 'Probe':
        return this.#probe(item);
      case 'ErrorNode':
        return item.span.source.text.slice(item.span.start, item.span.end);
    }
  }

  #config(item: ConfigBlock): string {
    if (item.entries.length === 0 && !this.#hasCommentBefore(item.span.end)) return 'config = { }';
    const lines = this.#indented(() => this.#lines(item.entries, item.span.end, (entry) => `${configEntry(entry)};`));
    return `config = {\n${lines}\n}`;
  }

  #macro(item: Macro): string {
    const parameters = item.parameters.map((parameter) => parameter.name).join(', ');
    return `macro ${item.name}(${parameters}) ${this.#braces(item.body.statements, item.body.value, item.body)}`;
  }

  #function(item: FunctionDefinition): string {
    const parameters = item.parameters.map((parameter) => `${parameter.name}: ${printType(parameter.type)}`).join(', ');
    return `fn ${item.name}(${parameters}): ${printType(item.returnType)} ${this.#braces(item.body.statements, undefined, item.body)}`;
  }

  #probe(probe: Probe): string {
    const body = () => this.#braces(probe.body.statements, undefined, probe.body);
    const predicate = probe.predicate && this.#predicate(probe.predicate);
    const points = probe.attachPoints.map((point) => point.text);
    const short = `${points.join(', ')}${predicate === undefined ? '' : ` ${predicate}`} {`;
    if (points.length <= 1 && short.length <= WIDTH)
      return `${points.join('')}${predicate === undefined ? '' : ` ${predicate}`} ${body()}`;
    const list = probe.attachPoints
      .map((point, index) => {
        const mark = index + 1 < points.length ? ',' : '';
        return `${point.text}${mark}${this.#commentBehind(point, probe.attachPoints[index + 1]?.span.start)}`;
      })
      .join('\n');
    return `${list}\n${predicate === undefined ? '' : `${predicate}\n`}${body()}`;
  }

  /** `/ *p/` and `/ /…` would begin a comment. */
  #predicate(predicate: Expression): string {
    const text = this.#expression(predicate);
    return text.startsWith('*') || text.startsWith('/') ? `/ ${text}/` : `/${text}/`;
  }

  #commentBehind(point: AttachPoint, next: number | undefined): string {
    const text = point.span.source.text;
    const line = text.indexOf('\n', point.span.end);
    if (next === undefined || line < 0 || line > next) return '';
    return this.#takeUntil(line)
      .map((comment) => ` ${comment.text}`)
      .join('');
  }

  // ---- statements ------------------------------------------------------------------------------------------

  block(node: BlockExpression): string {
    return this.#braces(node.statements, node.value, node);
  }

  #braces(statements: readonly Statement[], value: Expression | undefined, place: Placed): string {
    if (statements.length === 0 && !this.#hasCommentBefore(place.span.end))
      return value ? `{ ${this.#value(value)} }` : '{ }';
    const entries: readonly (Placed & { readonly print: () => string })[] = [
      ...statements.map((node) => ({ ...node, print: () => this.statement(node) })),
      ...(value ? [{ span: value.span, print: () => this.#value(value) }] : []),
    ];
    const lines = this.#indented(() => this.#lines(entries, place.span.end, (entry) => entry.print()));
    return `{\n${lines}\n${INDENT.repeat(this.#depth)}}`;
  }

  #indented(print: () => string): string {
    this.#depth++;
    const text = print();
    this.#depth--;
    return text;
  }

  /** Entries on lines of their own at this depth. */
  #lines<T extends Placed>(entries: readonly T[], end: number, print: (entry: T) => string): string {
    const margin = INDENT.repeat(this.#depth);
    return this.#sequence(entries, end, print, () => false)
      .map((line) => (line === '' ? '' : margin + line))
      .join('\n');
  }

  /** Entries with the comments between them; a blank line where the author left one or `isApart` wants one. */
  #sequence<T extends Placed>(
    entries: readonly T[],
    end: number,
    print: (entry: T) => string,
    isApart: (entry: T, previous: T) => boolean,
  ): string[] {
    const lines: string[] = [];
    let previous: T | undefined;
    let lastEnd: number | undefined;
    const separate = (start: number, wantsBlank: boolean) => {
      if (lastEnd !== undefined && (wantsBlank || this.#hasBlankBetween(lastEnd, start))) lines.push('');
    };
    for (const entry of entries) {
      let wantsBlank = previous !== undefined && isApart(entry, previous);
      for (const comment of this.#takeUntil(innerEnd(entry) ?? entry.span.start)) {
        separate(Math.min(comment.span.start, entry.span.start), wantsBlank);
        wantsBlank = false;
        lines.push(commentText(comment));
        lastEnd = Math.min(comment.span.end, entry.span.start);
      }
      separate(entry.span.start, wantsBlank);
      const text = print(entry);
      const trailing = this.#trailingComments(entry.span.end);
      lines.push(text + trailing.text);
      lastEnd = trailing.end;
      previous = entry;
    }
    let isFirst = true;
    for (const comment of this.#takeUntil(end)) {
      separate(comment.span.start, isFirst && previous !== undefined && isApart(previous, previous));
      isFirst = false;
      lines.push(commentText(comment));
      lastEnd = comment.span.end;
    }
    return lines;
  }

  /** An expression that is a block's value. */
  #value(value: Expression): string {
    const text = this.#expression(value);
    return value.kind === 'BlockExpression' ? `(${text})` : text;
  }

  statement(node: Statement): string {
    switch (node.kind) {
      case 'Block':
        return this.#braces(node.statements, undefined, node);
      case 'Let': {
        const type = node.type ? `: ${printType(node.type)}` : '';
        const value = node.value ? ` = ${this.#expression(node.value)}` : '';
        return `let ${node.variable.name}${type}${value};`;
      }
      case 'Assignment':
        return `${this.#expression(node.target)} ${node.operator} ${this.#expression(node.value)};`;
      case 'Discard':
        return `_ = ${this.#expression(node.value)};`;
      case 'ExpressionStatement': {
        const text = this.#expression(node.expression);
        return needsParenthesesAsStatement(node.expression) ? `(${text});` : `${text};`;
      }
      case 'If':
        return this.#expression(node);
      case 'While':
        return `while (${this.#expression(node.condition)}) ${this.#braces(node.body.statements, undefined, node.body)}`;
      case 'Unroll':
        return `unroll (${this.#expression(node.count)}) ${this.#braces(node.body.statements, undefined, node.body)}`;
      case 'For': {
        const { iterable } = node;
        const over =
          iterable.kind === 'Range'
            ? `${this.#operand(iterable.start)}..${this.#operand(iterable.end)}`
            : this.#expression(iterable);
        return `for (${node.variable.name} : ${over}) ${this.#braces(node.body.statements, undefined, node.body)}`;
      }
      case 'Break':
        return 'break;';
      case 'Continue':
        return 'continue;';
      case 'Return':
        return node.value ? `return ${this.#expression(node.value)};` : 'return;';
      case 'ImportStatement':
        return `import ${printString(node.path)};`;
      case 'ErrorNode':
        return node.span.source.text.slice(node.span.start, node.span.end);
    }
  }

  #expression(node: Expression): string {
    return printExpression(node, this);
  }

  #operand(node: Expression): string {
    return printOperand(node, this);
  }

  // ---- comments --------------------------------------------------------------------------------------------

  #takeUntil(offset: number): Comment[] {
    const taken: Comment[] = [];
    for (let comment = this.#comments[this.#nextComment]; comment && comment.span.start < offset; ) {
      taken.push(comment);
      comment = this.#comments[++this.#nextComment];
    }
    return taken;
  }

  #hasCommentBefore(offset: number): boolean {
    const comment = this.#comments[this.#nextComment];
    return comment !== undefined && comment.span.start < offset;
  }

  /** Comments on the line on which an entry ends. */
  #trailingComments(start: number): { readonly text: string; readonly end: number } {
    let text = '';
    let end = start;
    for (let comment = this.#comments[this.#nextComment]; comment; comment = this.#comments[this.#nextComment]) {
      if (comment.span.start < end) break;
      if (!/^[ \t]*[;,]?[ \t]*$/.test(this.#text.slice(end, comment.span.start))) break;
      this.#nextComment++;
      text += ` ${commentText(comment)}`;
      end = comment.span.end;
    }
    return { text, end };
  }

  #hasBlankBetween(start: number, end: number): boolean {
    return /\n[ \t\r]*\n/.test(this.#text.slice(start, end));
  }
}

function commentText(comment: Comment): string {
  return comment.text.replaceAll('\r\n', '\n').trimEnd();
}

const TIGHT: ReadonlySet<string> = new Set(['CDefinition', 'RootImport', 'MapDeclaration']);

/** Up to where comments within an entry go before it: its end, or its first block, which keeps its own. */
function innerEnd(entry: Placed & { readonly kind?: string }): number | undefined {
  const node = entry as AnyNode;
  switch (node.kind) {
    case 'CDefinition':
    case 'ConfigBlock':
    case 'Block':
    case undefined:
      return undefined;
    case 'Probe':
      return node.attachPoints.length > 1 ? undefined : node.body.span.start;
    case 'Macro':
    case 'FunctionDefinition':
    case 'While':
    case 'Unroll':
    case 'For':
      return node.body.span.start;
    case 'If':
      return node.consequent.span.start;
    default:
      return hasBlock(node) ? undefined : node.span.end;
  }
}

function hasBlock(node: AnyNode): boolean {
  return node.kind === 'BlockExpression' || childrenOf(node).some(hasBlock);
}

function configEntry(entry: ConfigEntry): string {
  const value = entry.isQuoted ? printString(String(entry.value)) : sourceValue(entry);
  return `${entry.name} = ${value}`;
}

/** Integers as they were written; the tree holds only their value. */
function sourceValue(entry: ConfigEntry): string {
  const { source, start, end } = entry.valueSpan;
  return typeof entry.value === 'bigint' && end > start ? source.text.slice(start, end) : String(entry.value);
}
