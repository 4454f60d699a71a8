/**
 * What the C part of a script defines. Most scripts have none, so what reads C is apart (`definition-reader.ts`) and is loaded
 * with the first definition.
 */

import type { CComposite, CEnum, CType } from '../../ctype/ctype.ts';
import type { Diagnostic, Source } from '../../diagnostics/diagnostic.ts';
import type { CDefinition, Expression } from '../ast.ts';
import type { OuterTypes } from './declarations.ts';
import { readCode } from './definition-reader.ts';
import type { HeaderOptions } from './headers.ts';

export interface DefinitionOptions extends HeaderOptions {
  /** The kernel's types, for names that the text only mentions. */
  readonly types?: OuterTypes;
  /** Whether kernel BTF exists, so that `BPFTRACE_HAVE_BTF` is defined; asked only if that matters. */
  readonly hasBtf?: () => boolean;
  /** Headers of `--include`, as if each were the first line. */
  readonly includeFiles?: readonly string[];
}

/** CDefinitions is what the C part of a script defines; the maps know their names at once and make values on demand. */
export interface CDefinitions {
  readonly structs: ReadonlyMap<string, CComposite>;
  readonly unions: ReadonlyMap<string, CComposite>;
  /** Nameless enums have keys that no script can spell. */
  readonly enums: ReadonlyMap<string, CEnum>;
  readonly typedefs: ReadonlyMap<string, CType>;
  enumConstant(name: string): { readonly type: CEnum; readonly value: bigint } | undefined;
  /** The value of an object-like macro as an expression, with the macros within it put in. */
  macro(name: string): Expression | undefined;
  readonly macroNames: readonly string[];
  /** Macros with parameters are known, but only C can use them. */
  isFunctionMacro(name: string): boolean;
  /** The kernel's headers that are not installed: nothing is wrong, BTF answers for them. */
  readonly absentHeaders: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** readDefinitions reads the C part of a script. */
export function readDefinitions(definitions: readonly CDefinition[], options: DefinitionOptions = {}): CDefinitions {
  const hasCode = definitions.length > 0 || (options.includeFiles ?? []).length > 0;
  return hasCode ? readCode(definitions, options) : ownDefinitions(options.hasBtf);
}

const NO_DEFINITIONS = {
  structs: new Map(),
  unions: new Map(),
  enums: new Map(),
  typedefs: new Map(),
  enumConstant: () => undefined,
  isFunctionMacro: () => false,
  absentHeaders: [],
  diagnostics: [],
} satisfies Partial<CDefinitions>;

const HAVE_BTF = 'BPFTRACE_HAVE_BTF';
const ONE_SOURCE: Source = { name: `#define ${HAVE_BTF}`, text: '1' };
const ONE: Expression = {
  kind: 'IntegerLiteral',
  span: { source: ONE_SOURCE, start: 0, end: 1 },
  value: 1n,
  text: '1',
};

/** What there is without any C. Most scripts ask for none of it, and looking for BTF takes a millisecond. */
function ownDefinitions(hasBtf: () => boolean = () => false): CDefinitions {
  return {
    ...NO_DEFINITIONS,
    macro: (name) => (name === HAVE_BTF && hasBtf() ? ONE : undefined),
    get macroNames() {
      return hasBtf() ? [HAVE_BTF] : [];
    },
  };
}
