/**
 * What the parts of the check share: facts, options, symbols, findings of the pass at hand, and the probe being
 * checked. The check runs over the whole program in passes until no type grows any more; each pass builds the typed
 * tree anew and only the last pass's tree and findings count.
 */

import { type DiagnosticDetails, DiagnosticList, type Span } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { CompileOptions } from './compile-options.ts';
import type { Config } from './config.ts';
import type { ProbeContext } from './probes/probe-context.ts';
import type { Action, TypedExpression, TypedFunction, TypedStatement } from './program.ts';
import { NONE } from './promote.ts';
import type { VariableStore } from './scopes.ts';
import type { SymbolTable } from './symbols.ts';
import type { TypeSource } from './type-source.ts';
import type { Type } from './types.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type ActionDescription = DistributiveOmit<Action, 'id' | 'span' | 'args'>;

/** Checker is the state of one check of one program. */
export class Checker {
  readonly facts: KernelFacts;
  readonly options: CompileOptions;
  readonly config: Config;
  readonly types: TypeSource;
  readonly symbols: SymbolTable;
  readonly functions = new Map<string, TypedFunction>();
  /** The script's own macros, which are gone by now: suggestions for misspelled names. */
  scriptMacros: readonly string[] = [];
  /** Findings of this pass. */
  diagnostics = new DiagnosticList();
  actions: Action[] = [];
  probeNames: readonly string[] = [];
  /** Names used by `getopt`, with their default and description. */
  readonly namedParameters = new Map<
    string,
    { readonly defaultText: string; readonly kind: string; readonly description: string | undefined }
  >();
  /** Set once nothing grows any more but some types are still open: guesses are allowed. */
  isGuessing = false;

  // -- the probe or function at hand --
  probe: ProbeContext | undefined;
  /** How often the statement at hand is in the program, by `unroll` around it. */
  unrolledCopies = 1;
  /** Names of `#define` whose values are being checked. */
  readonly definesInWork = new Set<string>();
  variables: VariableStore | undefined;
  returnType: Type | undefined;
  loopDepth = 0;
  /** Inside the body of a `for`, which becomes a callback without the probe's context. */
  forDepth = 0;
  /** Inside a branch that a constant condition never takes: there `fail` does not fail. */
  #deadDepth = 0;

  constructor(parts: {
    readonly facts: KernelFacts;
    readonly options: CompileOptions;
    readonly config: Config;
    readonly types: TypeSource;
    readonly symbols: SymbolTable;
  }) {
    this.facts = parts.facts;
    this.options = parts.options;
    this.config = parts.config;
    this.types = parts.types;
    this.symbols = parts.symbols;
  }

  /** Whether a bare word is a builtin, set by the table's owner to keep this module free of it. */
  isBuiltin: (name: string) => boolean = () => false;

  get isDead(): boolean {
    return this.#deadDepth > 0;
  }

  /** inBranch checks the branch for when a condition says yes, or no: a constant one (`known`) makes one of them dead. */
  inBranch<T>(isForYes: boolean, known: bigint | undefined, check: () => T): T {
    const isDead = known !== undefined && (known !== 0n) !== isForYes;
    if (isDead) this.#deadDepth++;
    try {
      return check();
    } finally {
      if (isDead) this.#deadDepth--;
    }
  }

  startPass(): void {
    this.diagnostics = new DiagnosticList();
    this.actions = [];
    this.namedParameters.clear();
    this.functions.clear();
    this.symbols.startPass();
  }

  /** error reports and gives the poisoned expression that takes the finding's place without further findings. */
  error(code: string, message: string, span: Span, details?: DiagnosticDetails): TypedExpression {
    this.diagnostics.error(code, withoutMacroNames(message), span, details);
    return poison(span);
  }

  warning(code: string, message: string, span: Span, details?: DiagnosticDetails): void {
    this.diagnostics.warning(code, withoutMacroNames(message), span, details);
  }

  /** act registers an asynchronous action and gives the statement that queues it; `types` if not the arguments' own. */
  act(
    description: ActionDescription,
    args: readonly TypedExpression[],
    span: Span,
    types: readonly Type[] = args.map((argument) => argument.type),
  ): Extract<TypedStatement, { kind: 'act' }> {
    const action = { ...description, id: this.actions.length, args: types, span } as Action;
    this.actions.push(action);
    return { kind: 'act', action, args, span };
  }
}

/** A macro's own variables have names that tell expansions apart (language/macros.ts); its author wrote another. */
function withoutMacroNames(message: string): string {
  return message.includes('$$') ? message.replace(/\$\$\w+:\d+:/g, '$') : message;
}

/** poison is the value of what could not be checked; nothing reports about it again. */
export function poison(span: Span): TypedExpression {
  return { kind: 'integer', value: 0n, type: NONE, span };
}

export function isPoison(expression: TypedExpression): boolean {
  return expression.type.kind === 'none';
}
