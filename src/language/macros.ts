/**
 * Macro expansion on the tree: calls of macros become block expressions, macros disappear. Hygienic: a body sees its
 * parameters and its own variables, which are renamed to what no script can spell. Every node of a body says where it
 * was expanded from; arguments keep the place where they were written.
 */

import { type Diagnostic, DiagnosticList, type Span } from '../diagnostics/diagnostic.ts';
import type {
  AnyNode,
  Call,
  Expression,
  Identifier,
  Macro,
  Program,
  RootItem,
  Statement,
  TypeExpression,
} from './ast.ts';
import { checkMacros, sigilOf, signatureOf } from './macro-rules.ts';
import { mapChildren } from './walk.ts';

export interface ExpandedProgram {
  /** Without macros and without calls of them. */
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
  /** What a misspelled name may have meant. */
  readonly macroNames: readonly string[];
}

/** Nodes that expansion may make in all: macros that double their argument grow without bound. */
const MOST_NODES = 100_000;
const DEEPEST_EXPANSION = 50;

/** expandMacros replaces all calls of the program's macros and of the library's, which the program may override. */
export function expandMacros(program: Program, library: readonly Macro[] = []): ExpandedProgram {
  const own = program.items.filter((item) => item.kind === 'Macro');
  if (own.length === 0 && library.length === 0) return { program, diagnostics: [], macroNames: [] };
  const diagnostics = new DiagnosticList();
  const wrong = checkMacros(own, diagnostics);
  const expander = new Expander(indexMacros(own, library), wrong, diagnostics);
  const items = program.items
    .filter((item): item is Exclude<RootItem, Macro> => item.kind !== 'Macro')
    .map((item) => expander.expandItem(item));
  return { program: { ...program, items }, diagnostics: diagnostics.items, macroNames: own.map(({ name }) => name) };
}

type MacroTable = ReadonlyMap<string, readonly Macro[]>;

function indexMacros(own: readonly Macro[], library: readonly Macro[]): MacroTable {
  const table = new Map<string, Macro[]>();
  for (const macro of [...own, ...library]) {
    const overloads = table.get(macro.name) ?? [];
    if (!overloads.some((other) => signatureOf(other) === signatureOf(macro))) overloads.push(macro);
    table.set(macro.name, overloads);
  }
  return table;
}

type Argument = Expression | TypeExpression;

/** What names mean within one expansion of one macro. */
interface Frame {
  readonly macro: Macro;
  readonly call: Span;
  readonly arguments: ReadonlyMap<string, Argument>;
  readonly variables: Map<string, string>;
  readonly outer: Frame | undefined;
  readonly depth: number;
}

class Expander {
  readonly #macros: MacroTable;
  readonly #wrong: ReadonlySet<Macro>;
  readonly #diagnostics: DiagnosticList;
  #expansions = 0;
  #nodes = 0;

  constructor(macros: MacroTable, wrong: ReadonlySet<Macro>, diagnostics: DiagnosticList) {
    this.#macros = macros;
    this.#wrong = wrong;
    this.#diagnostics = diagnostics;
  }

  expandItem(item: RootItem): RootItem {
    return this.#rewrite(item, undefined) as RootItem;
  }

  #rewrite(node: AnyNode, frame: Frame | undefined): AnyNode {
    if (frame) this.#nodes++;
    switch (node.kind) {
      case 'Call': {
        const call = mapChildren(this.#place(node, frame), (child) => this.#rewrite(child, frame)) as Call;
        return this.#macros.has(call.name) ? this.#expandCall(call, call.args, frame) : call;
      }
      case 'Identifier':
        return this.#rewriteIdentifier(node, frame);
      case 'NamedType': {
        const argument = node.tag === undefined ? frame?.arguments.get(node.name) : undefined;
        if (!argument) return this.#place(node, frame);
        return argument.kind === 'TypeOf' ? argument : { kind: 'TypeOf', span: node.span, operand: argument };
      }
      case 'SizeOf':
      case 'OffsetOf':
      case 'TypeOf':
      case 'TypeInfo':
        return this.#rewriteOperand(node, frame);
      case 'Variable':
        return { ...this.#place(node, frame), name: this.#variableName(node.name, frame) };
      case 'MapAccess': {
        const argument = frame?.arguments.get(node.name);
        const access = mapChildren(this.#place(node, frame), (child) => this.#rewrite(child, frame));
        return argument?.kind === 'MapAccess' ? { ...access, name: argument.name } : access;
      }
      case 'ExpressionStatement':
        return asStatement(mapChildren(this.#place(node, frame), (child) => this.#rewrite(child, frame)));
      default:
        return mapChildren(this.#place(node, frame), (child) => this.#rewrite(child, frame));
    }
  }

  /** In `sizeof(x)` the parser reads a type; where `x` is a parameter the argument is meant. */
  #rewriteOperand(
    node: Extract<AnyNode, { kind: 'SizeOf' | 'OffsetOf' | 'TypeOf' | 'TypeInfo' }>,
    frame: Frame | undefined,
  ): AnyNode {
    const { operand } = node;
    const argument =
      operand.kind === 'NamedType' && operand.tag === undefined ? frame?.arguments.get(operand.name) : undefined;
    if (node.kind === 'TypeOf' && argument?.kind === 'TypeOf') return argument;
    const placed = this.#place(node, frame);
    return argument
      ? ({ ...placed, operand: argument } as AnyNode)
      : mapChildren(placed, (child) => this.#rewrite(child, frame));
  }

  #rewriteIdentifier(node: Identifier, frame: Frame | undefined): AnyNode {
    const argument = frame?.arguments.get(node.name);
    if (argument) return argument;
    const placed = this.#place(node, frame);
    const hasPlainForm = this.#macros.get(node.name)?.some((macro) => macro.parameters.length === 0);
    return hasPlainForm ? this.#expandCall(placed, [], frame) : placed;
  }

  #variableName(name: string, frame: Frame | undefined): string {
    if (!frame) return name;
    const argument = frame.arguments.get(name);
    return argument?.kind === 'Variable' ? argument.name : (frame.variables.get(name) ?? name);
  }

  #place<T extends AnyNode>(node: T, frame: Frame | undefined): T {
    if (!frame) return node;
    const placed = { ...node, span: { ...node.span, expandedFrom: frame.call } };
    if ('nameSpan' in placed) return { ...placed, nameSpan: { ...placed.nameSpan, expandedFrom: frame.call } };
    return placed;
  }

  #expandCall(call: Call | Identifier, args: readonly Argument[], frame: Frame | undefined): Expression {
    const macro = this.#choose(call, args);
    if (!macro || this.#wrong.has(macro)) return { kind: 'ErrorNode', span: call.span };
    const chain = chainOf(frame);
    if (chain.includes(macro)) {
      const names = [...chain.slice(chain.indexOf(macro)), macro].map((one) => one.name);
      this.#diagnostics.error(
        'macro-recursion',
        `Recursive macro call detected. Call chain: ${names.join(' > ')}`,
        call.span,
      );
      return { kind: 'ErrorNode', span: call.span };
    }
    // Arguments are shared, not copied, but what comes later walks over each of their uses.
    for (const argument of args) this.#nodes += sizeOf(argument, MOST_NODES);
    if (this.#nodes > MOST_NODES || (frame?.depth ?? 0) >= DEEPEST_EXPANSION) {
      if (this.#nodes !== Number.POSITIVE_INFINITY)
        this.#diagnostics.error('macro-limit', 'Macros expand to more than this program can hold', call.span);
      this.#nodes = Number.POSITIVE_INFINITY;
      return { kind: 'ErrorNode', span: call.span };
    }
    const inner = this.#enter(macro, call.span, args, frame);
    const block = mapChildren(this.#place(macro.body, inner), (child) => this.#rewrite(child, inner));
    return block.value && block.statements.length === 0 ? block.value : block;
  }

  #enter(macro: Macro, call: Span, args: readonly Argument[], outer: Frame | undefined): Frame {
    const number = ++this.#expansions;
    return {
      macro,
      call,
      arguments: new Map(
        macro.parameters.flatMap((parameter, index) => {
          const argument = args[index];
          return argument ? [[parameter.name, argument]] : [];
        }),
      ),
      variables: new Map(ownVariables(macro).map((name) => [name, `$$${macro.name}:${number}:${name.slice(1)}`])),
      outer,
      depth: (outer?.depth ?? 0) + 1,
    };
  }

  /** The overload whose parameters fit, the one with the most variables and maps among several. */
  #choose(call: Call | Identifier, args: readonly Argument[]): Macro | undefined {
    const overloads = this.#macros.get(call.name) ?? [];
    const sameCount = overloads.filter((macro) => macro.parameters.length === args.length);
    const fitting = sameCount
      .filter((macro) => macro.parameters.every((parameter, index) => fits(parameter.name, args[index])))
      .toSorted((one, other) => specificity(other) - specificity(one));
    if (fitting[0]) return fitting[0];
    const [only] = sameCount;
    if (!only) {
      const counts = [...new Set(overloads.map((macro) => macro.parameters.length))].sort((a, b) => a - b);
      this.#diagnostics.error(
        'macro-arguments',
        `${call.name}() takes ${counts.join(' or ')} argument${counts.length === 1 && counts[0] === 1 ? '' : 's'} (${args.length} provided)`,
        call.span,
      );
      return undefined;
    }
    const index = only.parameters.findIndex((parameter, at) => !fits(parameter.name, args[at]));
    const parameter = only.parameters[index]?.name ?? '';
    const wanted = sigilOf(parameter) === '$' ? 'a scratch variable' : 'a map without a key';
    this.#diagnostics.error(
      'macro-arguments',
      `${call.name}() wants ${wanted} for its parameter ${parameter}`,
      args[index]?.span ?? call.span,
    );
    return undefined;
  }
}

function fits(parameter: string, argument: Argument | undefined): boolean {
  switch (sigilOf(parameter)) {
    case '$':
      return argument?.kind === 'Variable';
    case '@':
      return argument?.kind === 'MapAccess' && argument.keys === undefined;
    case 'e':
      return argument !== undefined;
  }
}

function specificity(macro: Macro): number {
  return macro.parameters.filter((parameter) => sigilOf(parameter.name) !== 'e').length;
}

function chainOf(frame: Frame | undefined): Macro[] {
  const chain: Macro[] = [];
  for (let at = frame; at; at = at.outer) chain.unshift(at.macro);
  return chain;
}

const OWN_VARIABLES = new WeakMap<Macro, readonly string[]>();

/** Variables that are not parameters; that they are the macro's own is checked where it is defined. */
function ownVariables(macro: Macro): readonly string[] {
  const known = OWN_VARIABLES.get(macro);
  if (known) return known;
  const parameters = new Set(macro.parameters.map((parameter) => parameter.name));
  const names = new Set<string>();
  const visit = (node: AnyNode): AnyNode => {
    if (node.kind === 'Variable' && !parameters.has(node.name)) names.add(node.name);
    mapChildren(node, visit);
    return node;
  };
  visit(macro.body);
  const list = [...names];
  OWN_VARIABLES.set(macro, list);
  return list;
}

/** Nodes of a tree, counted no further than `most`. */
function sizeOf(node: AnyNode, most: number): number {
  let size = 1;
  mapChildren(node, (child) => {
    if (size <= most) size += sizeOf(child, most - size);
    return child;
  });
  return size;
}

/** A macro without a value, called for what it does, is a block. */
function asStatement(statement: Extract<Statement, { kind: 'ExpressionStatement' }>): Statement {
  const { expression, span } = statement;
  return expression.kind === 'BlockExpression' && !expression.value
    ? { kind: 'Block', span, statements: expression.statements }
    : statement;
}
