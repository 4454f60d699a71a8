/**
 * Maps and variables and what is known of their types so far. Types grow monotonously (see `promote.ts`) over the
 * passes of the check; `hasChanged` says whether another pass is needed.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { MapSymbol, VariableSlot } from './program.ts';
import { isDifference, joinTypes, NONE, sameType, settle } from './promote.ts';
import type { Type } from './types.ts';

/**
 * TypeCell is a type that grows. What a pass built on a type that grew afterwards is wrong; growth that nothing has seen is
 * none, so that a script whose maps and variables are assigned before they are read is checked once.
 */
export class TypeCell {
  /** What the pass at hand has seen so far, in text order: what messages speak of. */
  seen: Type = NONE;
  /** Declared by the user: does not grow. */
  isFixed = false;
  #type: Type = NONE;
  #isRead = false;

  get type(): Type {
    this.#isRead = true;
    return this.#type;
  }

  set type(type: Type) {
    this.#type = type;
  }

  startPass(): void {
    this.seen = NONE;
    this.#isRead = false;
  }

  /** join grows the type; `isStale` if something has seen the smaller one. */
  join(type: Type): { readonly isMismatch: boolean; readonly isSignMismatch: boolean; readonly isStale: boolean } {
    const joined = joinTypes(this.#type, type);
    if (joined === undefined) {
      if (this.seen.kind === 'none') this.seen = this.#type;
      return MISMATCH;
    }
    const seen = joinTypes(this.seen, type);
    const isSignMismatch = seen?.isSignMismatch === true;
    if (!isSignMismatch) this.seen = seen?.type ?? type;
    let isStale = false;
    const isFormatOpen = this.#type.kind === 'timestamp' && this.#type.format === '';
    if ((!this.isFixed || isFormatOpen) && joined.type !== this.#type) {
      isStale = this.#isRead && !(sameType(joined.type, this.#type) && hasSameMarks(joined.type, this.#type));
      this.#type = joined.type;
    }
    return { isMismatch: false, isSignMismatch, isStale };
  }
}

const MISMATCH = { isMismatch: true, isSignMismatch: false, isStale: false };

export class MapInfo {
  readonly name: string;
  readonly span: Span;
  readonly key = new TypeCell();
  readonly value = new TypeCell();
  /** `@m++` on a map that nothing else gives a type. */
  isCounter = false;
  storage: MapSymbol['storage'] = 'auto';
  maxEntries: number | undefined = undefined;
  /** The symbol of the pass at hand. */
  symbol: MapSymbol | undefined = undefined;
  isUndefinedReported = false;
  /** Something was assigned that could not be checked: its type is nobody's mistake here. */
  hasPoison = false;
  #isScalar: boolean | undefined = undefined;
  #wasAskedTooEarly = false;

  constructor(name: string, span: Span) {
    this.name = name;
    this.span = span;
  }

  /** `undefined` until the first use says. */
  get isScalar(): boolean | undefined {
    if (this.#isScalar === undefined) this.#wasAskedTooEarly = true;
    return this.#isScalar;
  }

  /** use says how the map is used, which holds if it is the first to say; true if that is news to someone who asked. */
  use(isScalar: boolean): boolean {
    if (this.#isScalar !== undefined) return false;
    this.#isScalar = isScalar;
    return this.#wasAskedTooEarly;
  }

  startPass(): void {
    this.symbol = undefined;
    this.isUndefinedReported = false;
    this.#wasAskedTooEarly = false;
    this.key.startPass();
    this.value.startPass();
  }
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
  /** What the pass has built may rest on types that have grown since. */
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
    for (const map of this.maps.values()) map.startPass();
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
      map = new MapInfo(name, span);
      this.maps.set(name, map);
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
    const { isMismatch, isSignMismatch, isStale } = cell.join(type);
    if (isStale) this.hasChanged = true;
    return isMismatch ? 'mismatch' : isSignMismatch ? 'sign-mismatch' : 'ok';
  }

  /** claimKeys says whether a map has keys; the first use decides. */
  claimKeys(map: MapInfo, isScalar: boolean): void {
    if (map.use(isScalar)) this.hasChanged = true;
  }
}

/** Whether what this stage notes of integers beside their type is alike. */
function hasSameMarks(left: Type, right: Type): boolean {
  if (left.kind === 'tuple' && right.kind === 'tuple')
    return left.elements.every((element, index) => hasSameMarks(element, right.elements[index] ?? NONE));
  if (left.kind === 'record' && right.kind === 'record')
    return left.fields.every(({ type }, index) => hasSameMarks(type, right.fields[index]?.type ?? NONE));
  return isFlexible(left) === isFlexible(right) && isDifference(left) === isDifference(right);
}

function isFlexible(type: Type): boolean {
  return type.kind === 'integer' && settle(type) !== type;
}
