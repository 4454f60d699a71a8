/**
 * Scratch variables by block (language.md §6): no shadowing, siblings may reuse names. Scripts from before block
 * scope assign inside an `if` and use the variable after it: such a name is hoisted to the whole probe.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import { TypeCell, type VariableInfo } from './symbols.ts';

interface Scope {
  readonly names: Map<string, VariableInfo>;
}

/** VariableStore keeps one probe body's variables over all passes, so that their types can grow. */
export class VariableStore {
  readonly #byDeclaration = new Map<object | string, VariableInfo>();
  /** Names used outside the block that assigns them. */
  readonly hoisted = new Set<string>();
  readonly #explicit = new Set<VariableInfo>();
  /** Those of the pass at hand. */
  readonly #declared = new Set<VariableInfo>();
  #scopes: Scope[] = [{ names: new Map() }];
  /** Names implicitly declared in blocks that are closed by now. */
  #closed = new Set<string>();

  startPass(): void {
    this.#scopes = [{ names: new Map() }];
    this.#closed = new Set();
    this.#declared.clear();
    for (const variable of this.#byDeclaration.values()) {
      variable.slot = undefined;
      variable.cell.startPass();
      variable.isAssigned = false;
      variable.isUsedEarly = false;
    }
  }

  open(): void {
    this.#scopes.push({ names: new Map() });
  }

  /** close ends a block; `explicit` names came from `let`, which asked for the block's scope. */
  close(): void {
    const scope = this.#scopes.pop();
    for (const [name, variable] of scope?.names ?? []) {
      if (!variable.isLoopVariable && !this.#explicit.has(variable)) this.#closed.add(name);
    }
  }

  find(name: string): VariableInfo | undefined {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const variable = this.#scopes[index]?.names.get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }

  /** canHoist says whether a closed block assigned the name without declaring it. */
  canHoist(name: string): boolean {
    return this.#closed.has(name);
  }

  declare(
    declaration: object,
    name: string,
    span: Span,
    options: {
      readonly isExplicit?: boolean;
      readonly isLoopVariable?: boolean;
    },
  ): VariableInfo {
    const isHoisted = this.hoisted.has(name) && !options.isLoopVariable;
    const key = isHoisted ? name : declaration;
    let variable = this.#byDeclaration.get(key);
    if (variable === undefined) {
      variable = {
        name,
        span,
        cell: new TypeCell(),
        slot: undefined,
        isAssigned: false,
        isUsedEarly: false,
        isLoopVariable: options.isLoopVariable === true,
      };
      this.#byDeclaration.set(key, variable);
    }
    if (options.isExplicit) this.#explicit.add(variable);
    this.#declared.add(variable);
    const scope = isHoisted ? this.#scopes[0] : this.#scopes.at(-1);
    scope?.names.set(name, variable);
    return variable;
  }

  /** All names in scope, for suggestions. */
  names(): string[] {
    return this.#scopes.flatMap((scope) => [...scope.names.keys()]);
  }

  variables(): Iterable<VariableInfo> {
    return this.#declared;
  }
}
