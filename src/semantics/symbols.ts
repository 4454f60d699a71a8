/**
 * Maps and variables and what is known of their types so far. Types grow monotonously (see `promote.ts`) over the
 * passes of the check; `hasChanged` says whether another pass is needed.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { MapSymbol, VariableSlot } from './program.ts';
import { joinTypes, NONE, sameType, settle } from './promote.ts';
import type { Type } from './types.ts';

/** TypeCell is a type that grows. */
export interface TypeCell {
  type: Type;
  /** What the pass at hand has seen so far, in text order: what messages speak of. */
  seen: Type;
  /** Declared by the user: does not grow. */
  isFixed: boolean;
}

/** newCell is a type nothing is known of. */
export function newCell(): TypeCell {
  return { type: NONE, seen: NONE, isFixed: false };
}

export interface MapInfo {
  readonly name: string;
  readonly span: Span;
  readonly key: TypeCell;
  readonly value: TypeCell;
  /** `undefined` until the first use says. */
  isScalar: boolean | undefined;
  /** `@m++` on a map that nothing else gives a type. */
  isCounter: boolean;
  storage: MapSymbol['storage'];
  maxEntries: number | undefined;
  /** The symbol of the pass at hand. */
  symbol: MapSymbol | undefined;
  isUndefinedReported: boolean;
  /** Something was assigned that could not be checked: its type is nobody's mistake here. */
  hasPoison: boolean;
}

export interface VariableInfo {
  readonly name: string;
  readonly span: Span;
  readonly cell: TypeCell;
  /** The slot of the pass at hand. */
  slot: VariableSlot | undefined;
  /** By text order in the pass at hand. */
  isAssigned: boolean;
  isUsedEarly: boolean;
  readonly isLoopVariable: boolean;
}

export class SymbolTable {
  readonly maps = new Map<string, MapInfo>();
  hasChanged = false;
  /** A variable was read in this pass that is declared without type and never assigned. */
  hasOpenVariable = false;
  #mapSymbols: MapSymbol[] = [];
  #slotCount = 0;
  readonly #maxMapKeys: number;

  constructor(maxMapKeys: number) {
    this.#maxMapKeys = maxMapKeys;
  }

  /** Forgets what belongs to one pass; types stay. */
  startPass(): void {
    this.hasChanged = false;
    this.hasOpenVariable = false;
    this.#mapSymbols = [];
    this.#slotCount = 0;
    for (const map of this.maps.values()) {
      map.symbol = undefined;
      map.key.seen = NONE;
      map.value.seen = NONE;
      map.isUndefinedReported = false;
    }
  }

  /** Whether a map or variable is mentioned whose type nothing has told so far. */
  hasOpenTypes(): boolean {
    for (const map of this.maps.values()) if (map.value.type.kind === 'none') return true;
    return this.hasOpenVariable;
  }

  get mapSymbols(): readonly MapSymbol[] {
    return this.#mapSymbols;
  }

  map(name: string, span: Span): MapInfo {
    let map = this.maps.get(name);
    if (map === undefined) {
      map = {
        name,
        span,
        key: newCell(),
        value: newCell(),
        isScalar: undefined,
        isCounter: false,
        storage: 'auto',
        maxEntries: undefined,
        symbol: undefined,
        isUndefinedReported: false,
        hasPoison: false,
      };
      this.maps.set(name, map);
      this.hasChanged = true;
    }
    return map;
  }

  /** The map as codegen sees it, with the types known in this pass. */
  mapSymbol(map: MapInfo): MapSymbol {
    map.symbol ??= this.#createSymbol(map);
    return map.symbol;
  }

  #createSymbol(map: MapInfo): MapSymbol {
    const symbol: MapSymbol = {
      id: this.#mapSymbols.length,
      name: map.name,
      ...(map.isScalar !== true && { keyType: settle(map.key.type) }),
      valueType: settle(map.value.type),
      storage: map.storage,
      maxEntries: map.isScalar === true ? 1 : (map.maxEntries ?? this.#maxMapKeys),
      span: map.span,
    };
    this.#mapSymbols.push(symbol);
    return symbol;
  }

  slot(variable: VariableInfo): VariableSlot {
    variable.slot ??= this.newSlot(variable.name, settle(variable.cell.type));
    return variable.slot;
  }

  newSlot(name: string, type: Type): VariableSlot {
    return { id: this.#slotCount++, name, type };
  }

  /** grow joins a type into the cell; says where the kinds differ or signs do. */
  grow(cell: TypeCell, type: Type): 'ok' | 'sign-mismatch' | 'mismatch' {
    if (type.kind === 'none') return 'ok';
    const joined = joinTypes(cell.type, type);
    if (joined === undefined) {
      if (cell.seen.kind === 'none') cell.seen = cell.type;
      return 'mismatch';
    }
    const seen = joinTypes(cell.seen, type);
    const isSignMismatch = seen?.isSignMismatch === true;
    if (!isSignMismatch) cell.seen = seen?.type ?? type;
    if (!cell.isFixed && joined.type !== cell.type) {
      if (!sameType(joined.type, cell.type) || isFlexible(joined.type) !== isFlexible(cell.type))
        this.hasChanged = true;
      cell.type = joined.type;
    }
    return isSignMismatch ? 'sign-mismatch' : 'ok';
  }
}

function isFlexible(type: Type): boolean {
  return settle(type) !== type && type.kind === 'integer';
}
