/**
 * What is known while one function's code is made: its builder, where variables live, temporaries on the stack or in
 * scratch memory, where `break` and `return` lead. A program is one root function and the callbacks of its loops,
 * which reach the root's variables through an environment on the root's stack.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { VariableSlot } from '../../semantics/program.ts';
import type { HelperName } from '../bpf/helpers.ts';
import { FunctionBuilder } from '../ir/builder.ts';
import type { AccessSize, Block, FrameSlot, Operand, RegisterKind, VirtualRegister } from '../ir/ir.ts';
import { addressOf, inFrame, type Place, zeroFill } from './place.ts';
import type { ProgramContext } from './program-context.ts';
import { isScalar } from './types.ts';
import { reportStatus } from './warnings.ts';

/** Where a variable lives. `environment` and `scratch` are reached from every function of the root. */
export type Home =
  | { readonly kind: 'register'; readonly register: VirtualRegister }
  | { readonly kind: 'frame'; readonly slot: FrameSlot }
  | { readonly kind: 'environment'; readonly offset: number }
  | { readonly kind: 'scratch'; readonly offset: number };

/** State shared by a root function and its callbacks. */
export class RootState {
  readonly slot: FrameSlot;
  readonly homes = new Map<number, Home>();
  /** Ids of variables used in more than one function. */
  readonly captured: ReadonlySet<number>;
  #size = 0;
  #returned: number | undefined;
  #result: number | undefined;
  #context: number | undefined;

  constructor(slot: FrameSlot, captured: ReadonlySet<number>) {
    this.slot = slot;
    this.captured = captured;
  }

  allocate(size: number): number {
    const offset = this.#size;
    this.#size += Math.max(8, Math.ceil(size / 8) * 8);
    this.slot.size = Math.max(8, this.#size);
    return offset;
  }

  /** Offset of the flag that a `return` inside a loop sets. */
  get returnedOffset(): number {
    this.#returned ??= this.allocate(8);
    return this.#returned;
  }

  /** What a `return` inside a loop returns. */
  get resultOffset(): number {
    this.#result ??= this.allocate(8);
    return this.#result;
  }

  get usesContext(): boolean {
    return this.#context !== undefined;
  }

  get contextOffset(): number {
    this.#context ??= this.allocate(8);
    return this.#context;
  }
}

export interface LoopTargets {
  readonly break: () => void;
  readonly continue: () => void;
}

export type Role = 'program' | 'function' | 'callback';

export class FunctionContext {
  readonly program: ProgramContext;
  readonly builder: FunctionBuilder;
  readonly role: Role;
  readonly root: RootState;
  loop: LoopTargets | undefined;
  readonly #prologue: Block;
  #preparation: { from: Block; to: Block };
  #scratch: VirtualRegister | undefined;
  readonly #environment: Place;

  constructor(
    program: ProgramContext,
    options: {
      readonly name: string;
      readonly role: Role;
      readonly parameters: readonly RegisterKind[];
      /** Of a callback: the state of its root and the parameter that points to it. */
      readonly outer?: { readonly root: RootState; readonly parameter: number };
      readonly captured?: ReadonlySet<number>;
    },
  ) {
    this.program = program;
    this.role = options.role;
    this.builder = new FunctionBuilder(options.name, options.parameters, program.span);
    if (options.outer === undefined) {
      const slot = this.builder.permanent(8);
      slot.size = 0;
      this.root = new RootState(slot, options.captured ?? new Set());
      this.#environment = inFrame(slot);
    } else {
      this.root = options.outer.root;
      this.#environment = { base: this.builder.parameter(options.outer.parameter), offset: 0, space: 'memory' };
    }
    this.#prologue = this.builder.current;
    const body = this.builder.block();
    this.#preparation = { from: this.#prologue, to: body };
    this.builder.enter(body);
  }

  /** Called once the predicate has let the event pass: what is prepared from here on costs filtered events nothing. */
  passPredicate(): void {
    if (this.#scratch !== undefined || this.builder.isTerminated) return;
    const from = this.builder.current;
    const to = this.builder.block();
    this.#preparation = { from, to };
    this.builder.enter(to);
  }

  /** finish hands the function to the program; a root clears its environment first. */
  finish(): void {
    const { builder } = this;
    if (this.role !== 'callback' && this.root.slot.size > 0) {
      const entry = this.#prologue;
      const rest = entry.instructions;
      const terminator = entry.terminator;
      entry.instructions = [];
      entry.terminator = undefined;
      builder.current = entry;
      zeroFill(this, this.#environment, this.root.slot.size);
      if (this.root.usesContext) builder.store(this.root.slot, this.root.contextOffset, 8, builder.parameter(0));
      entry.instructions.push(...rest);
      entry.terminator = terminator;
    }
    this.program.functions.push(builder.finish());
  }

  // ---- context and environment ----

  /** The program's context pointer. */
  get context(): VirtualRegister {
    if (this.role === 'program') return this.builder.parameter(0);
    const offset = this.root.contextOffset;
    return this.builder.load(this.#environment.base, offset, 8, { kind: 'context' });
  }

  environment(offset: number): Place {
    return { ...this.#environment, offset };
  }

  environmentAddress(): VirtualRegister {
    if (this.root.slot.size === 0) this.root.allocate(8);
    return addressOf(this, this.#environment);
  }

  // ---- scratch memory ----

  /** This CPU's scratch memory of the program, looked up once, before the code that needs it. */
  scratchBase(): VirtualRegister {
    if (this.#scratch === undefined) {
      const { builder } = this;
      const { from, to } = this.#preparation;
      const resume = builder.current;
      const span = builder.span;
      const terminator = from.terminator;
      from.terminator = undefined;
      builder.current = from;
      const key = inFrame(builder.permanent(8));
      builder.store(key.base, 0, 4, BigInt(this.program.index));
      const map = builder.mapHandle(this.program.object.scratchMap);
      const scratch = builder.call('map_lookup_elem', [map, addressOf(this, key)], 'mapValue');
      const missing = builder.block(true);
      missing.terminator = { op: 'return', value: 0n };
      builder.function.blocks.push(missing);
      builder.branch('equal', scratch, 0n, missing, to);
      if (terminator === undefined) throw new Error('prologue is open');
      this.#scratch = scratch;
      builder.current = resume;
      builder.span = span;
    }
    return this.#scratch;
  }

  scratch(offset: number): Place {
    return { base: this.scratchBase(), offset, space: 'memory' };
  }

  /** Memory until the enclosing `scoped` ends. */
  temporary(size: number, align = 8): Place {
    if (size <= this.program.stackLimit) return { ...inFrame(this.builder.slot(size)), align: Math.max(8, align) };
    return this.scratch(this.program.allocateScratch(size));
  }

  scoped<T>(body: () => T): T {
    const frame = this.builder.mark();
    const scratch = this.program.markScratch();
    const result = body();
    this.builder.release(frame);
    this.program.releaseScratch(scratch);
    return result;
  }

  // ---- variables ----

  homeOf(variable: VariableSlot): Home {
    let home = this.root.homes.get(variable.id);
    if (home === undefined) {
      home = this.#settle(variable);
      this.root.homes.set(variable.id, home);
    }
    return home;
  }

  #settle(variable: VariableSlot): Home {
    const isShared = this.root.captured.has(variable.id);
    if (isScalar(variable.type) && !isShared && !this.program.addressed.has(variable.id)) {
      return { kind: 'register', register: this.builder.register('integer', variable.name) };
    }
    const size = Math.max(1, sizeOf(variable.type));
    if (size > this.program.variableLimit) return { kind: 'scratch', offset: this.program.permanentScratch(size) };
    if (isShared || this.role === 'callback') return { kind: 'environment', offset: this.root.allocate(size) };
    return { kind: 'frame', slot: this.builder.permanent(size) };
  }

  /** Where a variable that is not in a register lies. */
  placeOf(variable: VariableSlot): Place {
    const home = this.homeOf(variable);
    switch (home.kind) {
      case 'register':
        throw new Error('variable is in a register');
      case 'frame':
        return inFrame(home.slot);
      case 'environment':
        return this.environment(home.offset);
      case 'scratch':
        return this.scratch(home.offset);
    }
  }

  // ---- reading memory that may fault ----

  probeRead(from: Place, size: AccessSize): VirtualRegister {
    const { builder } = this;
    const dst = builder.register();
    const space = from.space === 'user' ? 'user' : 'kernel';
    const address = typeof from.base === 'object' && 'kind' in from.base ? from.base : addressOf(this, from);
    const status = this.program.reportsReads ? builder.register() : undefined;
    const slot = builder.slot(8);
    const offset = address === from.base ? from.offset : 0;
    builder.emit({ op: 'probeRead', dst, space, address, offset, size, slot, ...(status && { status }) });
    if (status) reportStatus(this, status, space === 'user' ? 'probe_read_user' : 'probe_read_kernel');
    return dst;
  }

  checkedRead(helper: HelperName, to: Operand, size: Operand, from: Operand): VirtualRegister {
    const status = this.builder.call(helper, [to, size, from]);
    if (this.program.reportsReads) reportStatus(this, status, helper);
    return status;
  }
}
