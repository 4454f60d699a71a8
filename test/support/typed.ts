/**
 * Typed programs by hand, for tests of code generation that must not depend on the stages before it.
 */

import type { Span } from '../../src/diagnostics/diagnostic.ts';
import type {
  Action,
  ArithmeticOperator,
  AttachSite,
  BuiltinName,
  ComparisonOperator,
  MapSymbol,
  ProgramConfig,
  TypedExpression,
  TypedProbe,
  TypedProgram,
  TypedStatement,
  VariableSlot,
} from '../../src/semantics/program.ts';
import type { AggregateType, Type } from '../../src/semantics/types.ts';

export const SPAN: Span = { source: { name: 'stdin', text: 'begin { }' }, start: 0, end: 9 };

export const CONFIG: ProgramConfig = {
  license: 'GPL',
  maxMapKeys: 4096,
  maxStrlen: 1024,
  maxProbes: 1024,
  maxBpfProgs: 1024,
  maxCatBytes: 10240,
  onStackLimit: 32,
  logSize: 1000000,
  printMapsOnExit: true,
  strTruncTrailer: '..',
  stackMode: 'bpftrace',
  missingProbes: 'error',
  cppDemangle: true,
  lazySymbolication: true,
  cacheUserSymbols: 'PER_PID',
  showDebugInfo: true,
  runtimeWarnings: false,
};

export const u64: Type = { kind: 'integer', bits: 64, isSigned: false };
export const i64: Type = { kind: 'integer', bits: 64, isSigned: true };
export const u32: Type = { kind: 'integer', bits: 32, isSigned: false };
export const bool: Type = { kind: 'bool' };

export function int(bits: 8 | 16 | 32 | 64, isSigned: boolean): Type {
  return { kind: 'integer', bits, isSigned };
}

export function string(capacity: number): Type {
  return { kind: 'string', capacity };
}

export function constant(value: bigint | number, type: Type = i64): TypedExpression {
  return { kind: 'integer', value: BigInt(value), type, span: SPAN };
}

export function text(value: string): TypedExpression {
  return { kind: 'string', value, type: string(value.length + 1), span: SPAN };
}

export function builtin(name: BuiltinName, type: Type = u64): TypedExpression {
  return { kind: 'builtin', name, type, span: SPAN };
}

export function arithmetic(
  operator: ArithmeticOperator,
  left: TypedExpression,
  right: TypedExpression,
  type: Type = u64,
): TypedExpression {
  return { kind: 'arithmetic', operator, left, right, type, span: SPAN };
}

export function comparison(
  operator: ComparisonOperator,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  return { kind: 'comparison', operator, left, right, type: bool, span: SPAN };
}

export function tuple(...elements: readonly TypedExpression[]): TypedExpression {
  return { kind: 'tuple', elements, type: { kind: 'tuple', elements: elements.map((e) => e.type) }, span: SPAN };
}

export function read(variable: VariableSlot): TypedExpression {
  return { kind: 'variable', variable, type: variable.type, span: SPAN };
}

export function begin(): AttachSite {
  return { provider: 'begin', name: 'begin', nameId: 0, span: SPAN };
}

/** ProgramMaker numbers maps, variables and actions. */
export class ProgramMaker {
  readonly #maps: MapSymbol[] = [];
  readonly #actions: Action[] = [];
  readonly #probes: TypedProbe[] = [];
  readonly #names: string[] = [];
  #variables = 0;

  map(name: string, valueType: Type, keyType?: Type, maxEntries = 4096): MapSymbol {
    const id = this.#maps.length;
    const symbol: MapSymbol = {
      id,
      name,
      valueType,
      storage: 'auto',
      maxEntries,
      span: SPAN,
      ...(keyType && { keyType }),
    };
    this.#maps.push(symbol);
    return symbol;
  }

  variable(name: string, type: Type): VariableSlot {
    return { id: this.#variables++, name, type };
  }

  printf(format: string, ...args: readonly TypedExpression[]): TypedStatement {
    const action: Action = {
      id: this.#actions.length,
      kind: 'printf',
      format: { text: format, pieces: [format] },
      args: args.map((arg) => arg.type),
      span: SPAN,
    };
    this.#actions.push(action);
    return { kind: 'act', action, args, span: SPAN };
  }

  probe(sites: readonly AttachSite[], statements: readonly TypedStatement[], predicate?: TypedExpression): this {
    const named = sites.map((site) => ({ ...site, nameId: this.#names.push(site.name) - 1 }));
    this.#probes.push({
      id: this.#probes.length,
      sites: named,
      body: { statements },
      argumentSpace: 'kernel',
      span: SPAN,
      ...(predicate && { predicate }),
    });
    return this;
  }

  program(): TypedProgram {
    return {
      source: SPAN.source,
      config: CONFIG,
      maps: this.#maps,
      actions: this.#actions,
      functions: [],
      probes: this.#probes,
      probeNames: this.#names,
    };
  }
}

export function assign(map: MapSymbol, value: TypedExpression, key?: TypedExpression): TypedStatement {
  return { kind: 'assignMap', map, value, span: SPAN, ...(key && { key }) };
}

export function set(variable: VariableSlot, value: TypedExpression): TypedStatement {
  return { kind: 'assignVariable', variable, value, span: SPAN };
}

export function aggregate(
  map: MapSymbol,
  args: readonly TypedExpression[] = [],
  key?: TypedExpression,
): TypedStatement {
  return { kind: 'aggregate', map, args, span: SPAN, ...(key && { key }) };
}

export const count: AggregateType = { kind: 'count' };
export const hist: AggregateType = { kind: 'hist', bits: 0 };
