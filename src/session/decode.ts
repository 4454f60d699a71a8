/**
 * Decoders for keys, values and event records, generated once per type: integers and short strings, which is nearly
 * everything, become straight-line code; the rest calls a reader made for its type. Layout: semantics/layout.ts.
 */

import { alignOf, alignUp, sizeOf, tupleLayout } from '../semantics/layout.ts';
import type { StackType, Type } from '../semantics/types.ts';
import { isAggregate, mergerOf } from './aggregates.ts';
import { readI64, readU64 } from './integers.ts';
import { inetText, macText } from './network-text.ts';
import type { Resolver } from './resolver.ts';
import type { StackFrame, Value } from './snapshot.ts';
import { structReader } from './struct-reader.ts';
import { readPacked, readText } from './text-reader.ts';

/** Reader decodes the value at an offset; `view` and `bytes` show the same memory. */
export type Reader = (view: DataView, bytes: Uint8Array, offset: number) => Value;

/** RecordReader decodes the arguments of an event. */
export type RecordReader = (view: DataView, bytes: Uint8Array, offset: number) => readonly Value[];

export interface DecodeContext {
  readonly resolver: Resolver;
  readonly strTruncTrailer: string;
  readonly probeNames: readonly string[];
  /** What is decoded lowers `untilMs` to when it is to be decoded again, as names may have become known. */
  readonly validity: { untilMs: number };
  readonly stackFrames: (type: StackType, id: number, pid: number) => readonly StackFrame[];
}

/** readerOf gives the decoder of one type. */
export function readerOf(type: Type, context: DecodeContext): Reader {
  const program = new Generator(context);
  return program.build(program.expression(type, 'o')) as Reader;
}

/** fixedReader gives the decoder of arguments that `tupleLayout` has placed. */
export function fixedReader(types: readonly Type[], context: DecodeContext): RecordReader {
  const program = new Generator(context);
  const { offsets } = tupleLayout(types);
  const parts = types.map((type, index) => program.expression(type, `o+${offsets[index]}`));
  return program.build(`[${parts.join(',')}]`) as RecordReader;
}

/** A step reads one argument at a place relative to the payload's start, and says where it ends. */
type Step = (
  view: DataView,
  bytes: Uint8Array,
  base: number,
  at: number,
) => { readonly value: Value; readonly end: number };

/** packedReader gives the decoder of arguments in turn, strings and buffers at their real length. */
export function packedReader(types: readonly Type[], context: DecodeContext): RecordReader {
  const steps = types.map((type) => packedStep(type, context));
  return (view, bytes, offset) => {
    const values: Value[] = [];
    let at = 0;
    for (const step of steps) {
      const { value, end } = step(view, bytes, offset, at);
      values.push(value);
      at = end;
    }
    return values;
  };
}

/** joinReader gives the decoder of `join`: u16 count, then as many packed strings, as one array. */
export function joinReader(types: readonly Type[], context: DecodeContext): RecordReader {
  const [type] = types;
  const element = type?.kind === 'array' ? type.element : type;
  if (!element) throw new Error('join without strings');
  const step = packedStep(element, context);
  return (view, bytes, offset) => {
    const texts: Value[] = [];
    let at = LENGTH_SIZE;
    for (let count = view.getUint16(offset, true); count > 0; count--) {
      const { value, end } = step(view, bytes, offset, at);
      texts.push(value);
      at = end;
    }
    return [texts];
  };
}

const LENGTH_SIZE = 2;

function packedStep(type: Type, context: DecodeContext): Step {
  if (type.kind === 'string' || type.kind === 'buffer') {
    const { capacity, kind } = type;
    const { strTruncTrailer } = context;
    return (view, bytes, base, at) => {
      const begin = alignUp(at, LENGTH_SIZE);
      const length = view.getUint16(base + begin, true);
      const start = base + begin + LENGTH_SIZE;
      const value =
        kind === 'string'
          ? readPacked(bytes, start, length, capacity > 0 && length >= capacity, strTruncTrailer)
          : copyOf(bytes, start, start + length);
      return { value, end: begin + LENGTH_SIZE + length };
    };
  }
  const read = readerOf(type, context);
  const align = alignOf(type);
  const size = sizeOf(type);
  return (view, bytes, base, at) => {
    const start = alignUp(at, align);
    return { value: read(view, bytes, base + start), end: start + size };
  };
}

/** Collects the readers that an expression calls, and turns the expression into a function. */
class Generator {
  readonly #context: DecodeContext;
  readonly #helpers: unknown[] = [];

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  build(expression: string): unknown {
    const names = this.#helpers.map((_, index) => `h${index}`);
    const source = `return (v,b,o)=>${expression.startsWith('{') ? `(${expression})` : expression}`;
    return new Function(...names, source)(...this.#helpers);
  }

  /** The JavaScript that reads a value at `at`, out of `v`, `b` and helpers. */
  expression(type: Type, at: string): string {
    switch (type.kind) {
      case 'none':
      case 'void':
        return '0';
      case 'bool':
        return `b[${at}]!==0`;
      case 'integer':
        return this.#integer(type.bits, type.isSigned, at);
      case 'string':
        return `${this.#helper(readText)}(b,${at},${type.capacity},${this.#constant(this.#context.strTruncTrailer)})`;
      case 'tuple': {
        const { offsets } = tupleLayout(type.elements);
        return `[${type.elements.map((element, index) => this.expression(element, `${at}+${offsets[index]}`))}]`;
      }
      case 'record': {
        const { offsets } = tupleLayout(type.fields.map((field) => field.type));
        const fields = type.fields.map(
          (field, index) =>
            `{name:${this.#constant(field.name)},value:${this.expression(field.type, `${at}+${offsets[index]}`)}}`,
        );
        return `({kind:'record',fields:[${fields}]})`;
      }
      default:
        return `${this.#helper(this.#reader(type))}(v,b,${at})`;
    }
  }

  #integer(bits: 8 | 16 | 32 | 64, isSigned: boolean, at: string): string {
    if (bits === 64) return `${this.#helper(isSigned ? readI64 : readU64)}(v,${at})`;
    return `v.get${isSigned ? 'Int' : 'Uint'}${bits}(${at}${bits === 8 ? '' : ',true'})`;
  }

  /** Readers of what is not worth code of its own. */
  #reader(type: Type): Reader {
    const context = this.#context;
    const { resolver } = context;
    switch (type.kind) {
      case 'enum': {
        const names = new Map(type.values.map(({ name, value }) => [BigInt.asUintN(type.bits, value), name]));
        const { bits } = type;
        const read = readerOf({ kind: 'integer', bits, isSigned: type.isSigned }, context);
        return (view, bytes, offset) => {
          const value = read(view, bytes, offset) as number | bigint;
          const name = names.get(BigInt.asUintN(bits, BigInt(value)));
          return { kind: 'enum', value, ...(name !== undefined && { name }) };
        };
      }
      case 'pointer':
        return (view, _, offset) => ({ kind: 'pointer', address: view.getBigUint64(offset, true) });
      case 'buffer':
        return (view, bytes, offset) => {
          const length = Math.min(view.getUint32(offset, true), type.capacity);
          return copyOf(bytes, offset + 4, offset + 4 + length);
        };
      case 'array': {
        const size = sizeOf(type.element);
        const read = readerOf(type.element, context);
        return (view, bytes, offset) =>
          Array.from({ length: type.length }, (_, index) => read(view, bytes, offset + index * size));
      }
      case 'struct':
        return structReader(type.composite, context.strTruncTrailer);
      case 'stack':
        return (view, _, offset) => {
          const id = view.getInt32(offset, true);
          const pid = view.getUint32(offset + 4, true);
          return { kind: 'stack', isUser: type.isUser, pid, frames: context.stackFrames(type, id, pid) };
        };
      case 'ksym':
        return (view, _, offset) => resolver.kernelSymbol(view.getBigUint64(offset, true));
      case 'usym':
        return (view, _, offset) => {
          const probe = context.probeNames[view.getUint32(offset + 12, true) - 1];
          // provider:path:function
          if (probe !== undefined)
            return { kind: 'symbol', address: 0n, text: probe.slice(probe.lastIndexOf(':') + 1) };
          return resolver.userSymbol(view.getUint32(offset + 8, true), view.getBigUint64(offset, true));
        };
      case 'inet':
        return (view, bytes, offset) => {
          const length = view.getUint32(offset, true);
          const text = inetText(bytes.subarray(offset + 4, offset + 4 + (length === 16 ? 16 : 4)));
          return { kind: 'text', text, raw: text };
        };
      case 'mac':
        return (_, bytes, offset) => {
          const text = macText(bytes.subarray(offset, offset + 6));
          return { kind: 'text', text, raw: text };
        };
      case 'username':
        return (view, _, offset) => resolver.username(Number(readU64(view, offset)));
      case 'timestamp':
        return (view, _, offset) => resolver.timestamp(view.getBigUint64(offset, true), type);
      case 'cgroupPath':
        return (view, _, offset) => resolver.cgroupPath(view.getBigUint64(offset, true), type.filter);
      case 'probeName':
        return (view, _, offset) => {
          const raw = readU64(view, offset);
          return { kind: 'text', text: context.probeNames[Number(raw)] ?? '', raw };
        };
      default: {
        if (!isAggregate(type)) throw new Error(`no reader for ${type.kind}`);
        const merge = mergerOf(type, resolver);
        return (view, _, offset) => merge(view, offset, 0, 1);
      }
    }
  }

  #helper(value: unknown): string {
    const known = this.#helpers.indexOf(value);
    return `h${known >= 0 ? known : this.#helpers.push(value) - 1}`;
  }

  /** Names and text go in as helpers, never as source. */
  #constant(text: string): string {
    return this.#helper(text);
  }
}

/** Bytes that outlive the memory they were read from; `slice` of a Buffer would only be a view of it. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
