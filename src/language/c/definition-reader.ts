/**
 * Reads the C part of a script: its types (and those of the headers it includes), its constants and its macros, each
 * made when asked for. Names that only the kernel knows are asked of BTF through `types`.
 */

import { join } from 'node:path';
import type { CComposite, CEnum, CType } from '../../ctype/ctype.ts';
import { DiagnosticList, type Source, type Span } from '../../diagnostics/diagnostic.ts';
import type { AnyNode, CDefinition, Expression } from '../ast.ts';
import { parseExpression } from '../parser.ts';
import { mapChildren } from '../walk.ts';
import { DeclarationReader, type OuterTypes } from './declarations.ts';
import { checkDefinitions, type DefinitionRange } from './definition-check.ts';
import type { CDefinitions, DefinitionOptions } from './definitions.ts';
import { kernelConstant } from './kernel-constants.ts';
import { LazyMap } from './lazy-map.ts';
import type { MacroDefinition } from './macro-expansion.ts';
import { predefinedMacros } from './predefined.ts';
import { Preprocessor } from './preprocessor.ts';

const NO_TYPES: OuterTypes = {
  struct: () => undefined,
  union: () => undefined,
  enum: () => undefined,
  typedef: () => undefined,
};

/** readCode reads definitions and headers. */
export function readCode(definitions: readonly CDefinition[], options: DefinitionOptions): CDefinitions {
  const diagnostics = new DiagnosticList();
  const hasBtf = options.hasBtf?.() === true;
  const architecture = options.architecture ?? 'x86_64';
  const preprocessor = new Preprocessor(options);
  preprocessor.readText(predefinedMacros(architecture, hasBtf), undefined);
  const predefined = new Set(preprocessor.macros.keys());
  if (hasBtf) predefined.delete('BPFTRACE_HAVE_BTF');
  readIncludes(options.includeFiles ?? [], preprocessor, diagnostics);
  const ranges = definitions.map((definition) => readOne(definition, preprocessor, diagnostics));
  if (preprocessor.openConditionals > 0)
    diagnostics.error('c-conditional', 'unterminated conditional directive', definitions.at(-1)?.span);
  const reader = new DeclarationReader(preprocessor.tokens, options.types ?? NO_TYPES, architecture === 'x86_64');
  const isOwn = ({ definition: { text }, start, end }: DefinitionRange) => end > start && !text.startsWith('#');
  checkDefinitions(preprocessor.tokens, ranges.filter(isOwn), reader, diagnostics);
  const macros = new MacroValues(preprocessor.macros, definitions);
  return {
    ...typeMaps(reader),
    enumConstant: (name) => reader.constant(name),
    macro: (name) =>
      predefined.has(name)
        ? undefined
        : (macros.whole(name) ?? (preprocessor.hasKernelHeader ? constantOfHeaders(name) : undefined)),
    isFunctionMacro: (name) => preprocessor.macros.get(name)?.parameters !== undefined,
    macroNames: [...preprocessor.macros.values()]
      .filter((macro) => !macro.parameters && macro.body.length > 0 && !predefined.has(macro.name))
      .map((macro) => macro.name),
    absentHeaders: preprocessor.absentHeaders,
    diagnostics: diagnostics.items,
  };
}

/** The files of --include are found from the working directory on, as a compiler finds them. */
function readIncludes(files: readonly string[], preprocessor: Preprocessor, diagnostics: DiagnosticList): void {
  const commandLine = join(process.cwd(), '<command line>');
  for (const file of files) {
    const before = preprocessor.problems.length;
    preprocessor.readText(`#include "${file}"\n`, commandLine);
    for (const { code, message } of preprocessor.problems.slice(before))
      diagnostics.error(code, `--include: ${message}`, undefined, { hints: ['give its directory with -I'] });
  }
}

function readOne(definition: CDefinition, preprocessor: Preprocessor, diagnostics: DiagnosticList): DefinitionRange {
  const start = preprocessor.tokens.length;
  const before = preprocessor.problems.length;
  preprocessor.readText(`${definition.text}\n`, undefined);
  for (const problem of preprocessor.problems.slice(before))
    diagnostics.error(problem.code, problem.message, definition.span, {
      hints: problem.code === 'c-include' ? ['give its directory with -I'] : [],
    });
  return { definition, start, end: preprocessor.tokens.length };
}

function typeMaps(reader: DeclarationReader): Pick<CDefinitions, 'structs' | 'unions' | 'enums' | 'typedefs'> {
  const structs = new Map<string, () => CComposite | undefined>();
  const unions = new Map<string, () => CComposite | undefined>();
  const enums = new Map<string, () => CEnum | undefined>();
  for (const { tag, name } of reader.tags.values()) {
    const make = () => reader.own(tag, name);
    if (tag === 'enum') enums.set(name, () => onlyEnum(make()));
    else (tag === 'struct' ? structs : unions).set(name, () => onlyComposite(make()));
  }
  for (const [index, make] of reader.anonymousEnums().entries()) enums.set(`<enum ${index}>`, make);
  return {
    structs: new LazyMap(structs),
    unions: new LazyMap(unions),
    enums: new LazyMap(enums),
    typedefs: new LazyMap<CType>(reader.typedefs),
  };
}

function onlyEnum(type: CComposite | CEnum | undefined): CEnum | undefined {
  return type?.kind === 'enum' ? type : undefined;
}

function onlyComposite(type: CComposite | CEnum | undefined): CComposite | undefined {
  return type?.kind === 'enum' ? undefined : type;
}

/** Definitions that name each other grow without bound: nodes of one value, and how deep values lie within values. */
const MOST_NODES = 10_000;
const DEEPEST = 100;

/** Values of macros as expressions of the language, each read once. */
class MacroValues {
  readonly #macros: ReadonlyMap<string, MacroDefinition>;
  readonly #spans: ReadonlyMap<string, Span>;
  readonly #values = new Map<string, { readonly value: Expression | undefined; readonly size: number }>();
  #size = 0;
  readonly #inWork = new Set<string>();

  constructor(macros: ReadonlyMap<string, MacroDefinition>, definitions: readonly CDefinition[]) {
    this.#macros = macros;
    this.#spans = new Map(
      definitions.flatMap((definition) => {
        const name = /^#\s*define\s+(\w+)/.exec(definition.text)?.[1];
        return name === undefined ? [] : [[name, definition.span] as const];
      }),
    );
  }

  /** whole gives the value of a name that the script mentions. */
  whole(name: string): Expression | undefined {
    this.#size = 0;
    return this.value(name);
  }

  value(name: string): Expression | undefined {
    const known = this.#values.get(name);
    if (known) {
      this.#size += known.size;
      return this.#size > MOST_NODES ? undefined : known.value;
    }
    const macro = this.#macros.get(name);
    if (!macro || macro.parameters || macro.body.length === 0) return undefined;
    if (this.#inWork.has(name) || this.#inWork.size >= DEEPEST) return undefined;
    this.#inWork.add(name);
    const before = this.#size;
    this.#size = 0;
    const read = this.#read(macro);
    const size = this.#size;
    const value = size > MOST_NODES ? undefined : read;
    this.#size = before + size;
    this.#inWork.delete(name);
    this.#values.set(name, { value, size });
    return value;
  }

  #read(macro: MacroDefinition): Expression | undefined {
    const text = macro.body.map((token) => (token.hasSpace ? ` ${token.text}` : token.text)).join('');
    const source: Source = { name: `#define ${macro.name}`, text: text.trimStart() };
    const { result } = parseExpression(source);
    if (!result) return undefined;
    const span = this.#spans.get(macro.name);
    return this.#expand(result, span) as Expression;
  }

  /** Names of other macros within are replaced; every node stands where the script defines the macro. */
  #expand(node: AnyNode, span: Span | undefined): AnyNode {
    this.#size++;
    const inner = node.kind === 'Identifier' ? this.value(node.name) : undefined;
    const rebuilt = inner ?? mapChildren(node, (child) => this.#expand(child, span));
    return span ? { ...rebuilt, span } : rebuilt;
  }
}

/** What the kernel's own headers would have defined. */
function constantOfHeaders(name: string): Expression | undefined {
  const value = kernelConstant(name);
  if (value === undefined) return undefined;
  const text = String(value);
  const span = { source: { name: `#define ${name}`, text }, start: 0, end: text.length };
  return { kind: 'IntegerLiteral', span, value, text };
}
