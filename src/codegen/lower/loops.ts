/**
 * Loops. Bodies become callbacks of bpf_loop and bpf_for_each_map_elem, with the variables they share in the root's
 * environment; `unroll` repeats its body. A kernel without bpf_loop gets a bounded loop instead, which the verifier
 * follows to its end.
 */

import { alignOf, sizeOf, tupleLayout } from '../../semantics/layout.ts';
import type { MapSymbol, TypedBlock, TypedStatement } from '../../semantics/program.ts';
import type { Type } from '../../semantics/types.ts';
import type { Operand, RegisterKind, VirtualRegister } from '../ir/ir.ts';
import { readElement } from './aggregate-reads.ts';
import { FunctionContext } from './function-context.ts';
import { convert } from './memory-values.ts';
import { at, copyBytes, loadBytes, loadScalar, type Place, storeScalar } from './place.ts';
import { branchOn, scalar } from './scalars.ts';
import { lowerBlock } from './statements.ts';
import { elementTypes, isAggregate, isScalar } from './types.ts';

type Of<K extends TypedStatement['kind']> = Extract<TypedStatement, { kind: K }>;

/** The kernel's limit of iterations of bpf_loop (BPF_MAX_LOOPS, include/linux/bpf.h). */
const MAX_LOOPS = 8n << 20n;
/** Iterations of a loop the verifier has to walk through. */
const MAX_WALKED = 1024n;

export function lowerUnroll(fc: FunctionContext, { count, body }: Of<'unroll'>): void {
  const { builder } = fc;
  const outer = fc.loop;
  const done = builder.block();
  for (let i = 0; i < count; i++) {
    const next = builder.block();
    fc.loop = { break: () => builder.jump(done), continue: () => builder.jump(next) };
    lowerBlock(fc, body);
    builder.enter(next);
  }
  fc.loop = outer;
  builder.enter(done);
}

export function lowerWhile(fc: FunctionContext, { condition, body }: Of<'while'>): void {
  const { builder } = fc;
  if (!fc.program.hasHelper('loop')) {
    walked(fc, MAX_WALKED, (_, leave) => {
      const next = builder.block();
      fc.scoped(() => branchOn(fc, condition, next, leave));
      builder.enter(next);
      lowerBlock(fc, body);
    });
    return;
  }
  const callee = callback(fc, ['integer', 'stack'], 1, (inner) => {
    const stop = inner.builder.block();
    const next = inner.builder.block();
    inner.scoped(() => branchOn(inner, condition, next, stop));
    inner.builder.enter(stop);
    inner.builder.return(1n);
    inner.builder.enter(next);
    lowerBlock(inner, body);
  });
  runLoop(fc, MAX_LOOPS, callee, body);
}

export function lowerForRange(fc: FunctionContext, statement: Of<'forRange'>): void {
  const { builder } = fc;
  const { variable, body } = statement;
  const type = variable.type;
  const start = fc.scoped(() => builder.copy(scalar(fc, statement.start)));
  const end = fc.scoped(() => builder.copy(scalar(fc, statement.end)));
  const enter = builder.block();
  const done = builder.block();
  builder.branch('greaterOrEqualSigned', start, end, done, enter);
  builder.enter(enter);
  const count = builder.binary('subtract', end, start);
  const assign = (inner: FunctionContext, value: Operand) => {
    const home = inner.homeOf(variable);
    if (home.kind === 'register') inner.builder.move(home.register, value);
    else storeScalar(inner, inner.placeOf(variable), type, value);
  };
  if (!fc.program.hasHelper('loop')) {
    walked(fc, MAX_WALKED, (index, leave) => {
      const next = builder.block();
      builder.branch('greaterOrEqual', index, count, leave, next);
      builder.enter(next);
      assign(fc, builder.binary('add', start, index));
      lowerBlock(fc, body);
    });
  } else {
    const startOffset = fc.root.allocate(8);
    const place = fc.environment(startOffset);
    builder.store(place.base, place.offset, 8, start);
    const callee = callback(fc, ['integer', 'stack'], 1, (inner) => {
      const first = loadBytes(inner, inner.environment(startOffset), 8);
      assign(inner, inner.builder.binary('add', first, inner.builder.parameter(0)));
      lowerBlock(inner, body);
    });
    runLoop(fc, count, callee, body);
  }
  builder.jump(done);
  builder.enter(done);
}

export function lowerForMap(fc: FunctionContext, { variable, map, body }: Of<'forMap'>): void {
  const { builder, program } = fc;
  const storage = program.object.storageOf(map);
  if (storage.kind !== 'map' || !program.hasHelper('for_each_map_elem')) {
    program.diagnostics.error(
      'missing-helper',
      'a loop over a map needs the helper bpf_for_each_map_elem (Linux 5.13), which this kernel lacks',
      builder.span,
    );
    return;
  }
  const { short } = storage;
  // Which of the two maps the loop is in, or that it has been left.
  const stage = short && fc.root.allocate(8);
  const callee = callback(fc, ['map', 'mapValue', 'mapValue', 'stack'], 3, (inner) => {
    const [keyType, valueType] = elementTypes(variable.type) ?? [];
    if (keyType === undefined || valueType === undefined) throw new Error('a map entry is a pair');
    const { offsets } = tupleLayout([keyType, valueType]);
    const target = inner.placeOf(variable);
    const keyAddress = inner.builder.parameter(1);
    const keyPlace = at(target, offsets[0] ?? 0);
    const valuePlace = at(target, offsets[1] ?? 0);
    if (short === undefined || stage === undefined) {
      copyElement(inner, { base: keyAddress, offset: 0, space: 'memory' }, keyType, keyPlace);
    } else {
      copyKeyOfStage(inner, stage, keyAddress, keyType, short.keyType, keyPlace);
      const { loop } = inner;
      const leave = () => {
        setStage(inner, stage, LEFT);
        loop?.break();
      };
      if (loop !== undefined) inner.loop = { ...loop, break: leave };
    }
    if (isAggregate(map.valueType)) {
      const handle = short === undefined ? storage.map : inner.builder.parameter(0);
      const merged = readElement(inner, map, { map: handle, key: keyAddress });
      const integer: Type = { kind: 'integer', bits: 64, isSigned: false };
      storeScalar(inner, valuePlace, isScalar(valueType) ? valueType : integer, merged);
    } else {
      copyElement(inner, { base: inner.builder.parameter(2), offset: 0, space: 'memory' }, valueType, valuePlace);
    }
    lowerBlock(inner, body);
  });
  const visit = (index: number) => {
    beforeLoop(fc, body);
    const address = builder.functionAddress(callee);
    builder.call('for_each_map_elem', [builder.mapHandle(index), address, fc.environmentAddress(), 0n]);
    afterLoop(fc, body);
  };
  if (short === undefined || stage === undefined) {
    visit(storage.map);
    return;
  }
  const second = builder.block();
  const done = builder.block();
  setStage(fc, stage, IN_SHORT);
  visit(short.map);
  builder.branch('equal', loadStage(fc, stage), LEFT, done, second);
  builder.enter(second);
  setStage(fc, stage, IN_LONG);
  visit(storage.map);
  builder.jump(done);
  builder.enter(done);
}

const IN_SHORT = 0n;
const IN_LONG = 1n;
const LEFT = 2n;

function setStage(fc: FunctionContext, offset: number, stage: bigint): void {
  const place = fc.environment(offset);
  fc.builder.store(place.base, place.offset, 8, stage);
}

function loadStage(fc: FunctionContext, offset: number): Operand {
  return loadBytes(fc, fc.environment(offset), 8);
}

function copyElement(fc: FunctionContext, from: Place, type: Type, to: Place): void {
  if (isScalar(type)) storeScalar(fc, to, type, loadScalar(fc, from, type));
  else copyBytes(fc, { ...from, align: alignOf(type) }, to, sizeOf(type));
}

/** By fault-safe reads, since the verifier does not know which of the two sizes the key has. */
function copyKeyOfStage(
  fc: FunctionContext,
  stage: number,
  key: VirtualRegister,
  type: Type,
  shortType: Type,
  to: Place,
): void {
  const { builder } = fc;
  const from: Place = { base: key, offset: 0, space: 'kernel' };
  const long = builder.block();
  const short = builder.block();
  const done = builder.block();
  builder.branch('equal', loadStage(fc, stage), IN_LONG, long, short);
  builder.enter(long);
  copyBytes(fc, from, to, sizeOf(type));
  builder.jump(done);
  builder.enter(short);
  convert(fc, from, shortType, to, type);
  builder.jump(done);
  builder.enter(done);
}

function runLoop(fc: FunctionContext, count: Operand, callee: string, body: TypedBlock): void {
  const { builder } = fc;
  beforeLoop(fc, body);
  builder.call('loop', [count, builder.functionAddress(callee), fc.environmentAddress(), 0n]);
  afterLoop(fc, body);
}

function beforeLoop(fc: FunctionContext, body: TypedBlock): void {
  if (!containsReturn(body)) return;
  const flag = fc.environment(fc.root.returnedOffset);
  fc.builder.store(flag.base, flag.offset, 8, 0n);
}

/** A `return` in the body has set the flag: the function with the loop returns, too. */
function afterLoop(fc: FunctionContext, body: TypedBlock): void {
  if (!containsReturn(body)) return;
  const { builder } = fc;
  const leave = builder.block();
  const next = builder.block();
  const flag = fc.environment(fc.root.returnedOffset);
  builder.branch('notEqual', builder.load(flag.base, flag.offset, 8), 0n, leave, next);
  builder.enter(leave);
  builder.return(fc.role === 'callback' ? 1n : loadBytes(fc, fc.environment(fc.root.resultOffset), 8));
  builder.enter(next);
}

export function containsReturn(block: TypedBlock): boolean {
  return block.statements.some((statement) => {
    switch (statement.kind) {
      case 'return':
        return true;
      case 'block':
      case 'while':
      case 'unroll':
      case 'forMap':
      case 'forRange':
        return containsReturn(statement.body);
      case 'if':
        return (
          containsReturn(statement.consequent) ||
          (statement.alternate !== undefined && containsReturn(statement.alternate))
        );
      default:
        return false;
    }
  });
}

/** callback makes a function of a loop's body; 0 goes on, 1 ends the loop. */
function callback(
  fc: FunctionContext,
  parameters: readonly RegisterKind[],
  environment: number,
  body: (inner: FunctionContext) => void,
): string {
  const name = fc.program.uniqueName('loop');
  const outer = { root: fc.root, parameter: environment };
  const inner = new FunctionContext(fc.program, { name, role: 'callback', parameters, outer });
  inner.builder.span = fc.builder.span;
  inner.loop = { break: () => inner.builder.return(1n), continue: () => inner.builder.return(0n) };
  body(inner);
  inner.builder.return(0n);
  inner.finish();
  return name;
}

/** A loop the verifier walks through: at most `limit` times. */
function walked(
  fc: FunctionContext,
  limit: bigint,
  body: (index: Operand, leave: ReturnType<FunctionContext['builder']['block']>) => void,
): void {
  const { builder } = fc;
  const outer = fc.loop;
  const index = builder.copy(0n);
  const head = builder.block();
  const next = builder.block();
  const done = builder.block();
  fc.loop = { break: () => builder.jump(done), continue: () => builder.jump(next) };
  builder.enter(head);
  body(index, done);
  builder.enter(next);
  builder.move(index, builder.binary('add', index, 1n));
  builder.branch('less', index, limit, head, done);
  builder.enter(done);
  fc.loop = outer;
}

/** countElements is `len(@m)`: bpf_for_each_map_elem returns how many it has visited. */
export function countElements(fc: FunctionContext, symbol: MapSymbol): Operand {
  const { builder, program } = fc;
  const storage = program.object.storageOf(symbol);
  if (storage.kind !== 'map') return 1n;
  const callee = callback(fc, ['map', 'mapValue', 'mapValue', 'stack'], 3, () => {});
  const count = (map: number) => {
    const address = builder.functionAddress(callee);
    return builder.call('for_each_map_elem', [builder.mapHandle(map), address, fc.environmentAddress(), 0n]);
  };
  const { short } = storage;
  return short === undefined ? count(storage.map) : builder.binary('add', count(short.map), count(storage.map));
}
