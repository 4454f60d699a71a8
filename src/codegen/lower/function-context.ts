/**
 * What is known while one function's code is made: its builder, where variables live, temporaries on the stack or in
 * scratch memory, where `break` and `return` lead. A program is one root function and the callbacks of its loops,
 * which reach the root's variables in scratch memory.
 */

import { sizeOf } from '../../semantics/layout.ts';
import type { VariableSlot } from '../../semantics/program.ts';
import type { HelperName } from '../bpf/helpers.ts';
import { FunctionBuilder } from '../ir/builder.ts';
import type { AccessSize, Block, FrameSlot, Operand, RegisterKind, VirtualRegister } from '../ir/ir.ts';
import { addressOf, inFrame, type Place } from './place.ts';
import type { ProgramContext } from './program-context.ts';
import { findScratch, releaseAtExits, takeScratch } from './scratch.ts';
import { isScalar } from './types.ts';
import { reportStatus } from './warnings.ts';

/** Where a variable lives. Scratch memory is reached from every function of the root. */
export type Home =
  | { readonly kind: 'register'; readonly register: VirtualRegister }
  | { readonly kind: 'frame'; readonly slot: FrameSlot }
  | { readonly kind: 'scratch'; readonly offset: number };

/**
 * State shared by a root function and its callbacks. What they share lies in scratch memory, not on the stack: up to
 * 6.6 the verifier looks at a callback as if it ran once, and takes what it then knows of the stack for the truth
 * (fixed by "verify callbacks as if they are called unknown number of times", 6.7); contents of maps it never knows.
 */
export class RootState {
  readonly program: ProgramContext;
  readonly homes = new Map<number, Home>();
  /** Ids of variables used in more than one function. */
  readonly captured: ReadonlySet<number>;
  #returned: number | undefined;
  #result: number | undefined;

  constructor(program: ProgramContext, captured: ReadonlySet<number>) {
    this.program = program;
    this.captured = captured;
  }

  allocate(size: number): number {
    return this.program.permanentScratch(size);
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
  /** What a callback is given: a piece of the root's stack with the context and the scratch memory. */
  #link: FrameSlot | undefined;
  readonly #linkParameter: VirtualRegister | undefined;
  #held: VirtualRegister | undefined;
  readonly #registers = new Map<number, Home>();
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
    this.root = options.outer?.root ?? new RootState(program, options.captured ?? new Set());
    if (options.outer !== undefined) this.#linkParameter = this.builder.parameter(options.outer.parameter);
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

  /** finish hands the function to the program; scratch memory that was taken is given back at every exit. */
  finish(): void {
    if (this.#held !== undefined) releaseAtExits(this.builder, this.#held, this.#prologue);
    this.program.functions.push(this.builder.finish());
  }

  // ---- context and environment ----

  /** The program's context pointer. */
  get context(): VirtualRegister {
    if (this.role === 'program') return this.builder.parameter(0);
    if (this.#linkParameter !== undefined) return this.builder.load(this.#linkParameter, 0, 8, { kind: 'context' });
    throw new Error('a subprogram has no context');
  }

  /** A place shared by all functions of the root. */
  environment(offset: number): Place {
    return this.scratch(offset);
  }

  /** What a callback needs to be given to find context and scratch memory. */
  environmentAddress(): VirtualRegister {
    if (this.#linkParameter !== undefined) return this.#linkParameter;
    const { builder } = this;
    const scratch = this.scratchBase();
    if (this.#link === undefined) this.#link = builder.permanent(16);
    if (this.role === 'program') builder.store(this.#link, 0, 8, builder.parameter(0));
    builder.store(this.#link, 8, 8, scratch);
    return builder.frameAddress(this.#link);
  }

  // ---- scratch memory ----

  /** This CPU's scratch memory of the program, looked up once, before the code that needs it. */
  scratchBase(): VirtualRegister {
    if (this.#scratch === undefined) {
      const { builder } = this;
      const { from, to } = this.#preparation;
      const resume = builder.current;
      const span = builder.span;
      from.terminator = undefined;
      builder.current = from;
      if (this.#linkParameter !== undefined) {
        this.#scratch = builder.load(this.#linkParameter, 8, 8, { kind: 'mapValue', isInvariant: true });
      } else if (this.program.plan.isPreemptible) {
        this.#scratch = takeScratch(this.program, builder);
        this.#held = this.#scratch;
      } else {
        this.#scratch = findScratch(this.program, builder, this.program.index);
      }
      this.program.usesScratch();
      builder.jump(to);
      builder.current = resume;
      builder.span = span;
    }
    return this.#scratch;
  }

  /** For code that rarely runs: looks scratch memory up on the spot, unless the function has it at hand. */
  withScratchHere(body: () => void): void {
    const isAtHand = this.#scratch !== undefined || this.#linkParameter !== undefined;
    if (isAtHand || this.program.plan.isPreemptible === true) {
      this.scoped(body);
      return;
    }
    this.#scratch = findScratch(this.program, this.builder, this.program.index);
    this.program.usesScratch();
    this.scoped(body);
    this.#scratch = undefined;
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
    let home = this.#registers.get(variable.id) ?? this.root.homes.get(variable.id);
    if (home === undefined) {
      home = this.#settle(variable);
      // A loop inside `unroll` becomes a function several times over, each with registers of its own.
      (home.kind === 'register' ? this.#registers : this.root.homes).set(variable.id, home);
    }
    return home;
  }

  #settle(variable: VariableSlot): Home {
    const isShared = this.root.captured.has(variable.id);
    if (isScalar(variable.type) && !isShared && !this.program.addressed.has(variable.id)) {
      return { kind: 'register', register: this.builder.register('integer', variable.name) };
    }
    const size = Math.max(1, sizeOf(variable.type));
    if (isShared || size > this.program.variableLimit) return { kind: 'scratch', offset: this.root.allocate(size) };
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
