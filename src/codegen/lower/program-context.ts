/**
 * What is shared while the functions of one BPF program are made: how the probe's arguments are reached, limits,
 * scratch memory, the list of finished functions.
 */

import type { DiagnosticList, Span } from '../../diagnostics/diagnostic.ts';
import type { BinaryFacts, FeatureFacts, KernelFacts, TypeFacts } from '../../kernel/facts.ts';
import type { TypedFunction } from '../../semantics/program.ts';
import type { IrFunction } from '../ir/ir.ts';
import type { ProgramPlan } from '../plan.ts';
import type { ObjectBuilder } from './object-builder.ts';

export interface CompileOptions {
  /** Where `pid` and `tid` are counted, if not in the initial pid namespace. */
  readonly pidNamespace?: { readonly device: bigint; readonly inode: bigint };
  /** Process id of the `-c` child. */
  readonly childPid?: number;
  /** The keyless map that `tseries()` takes the time from, for tests. */
  readonly clockMap?: string;
}

/** Sizes up to which values may live on the stack; compilation starts over with the next when 512 bytes do not do. */
export interface StackLimits {
  readonly temporary: number;
  readonly variable: number;
  /** Scratch memory set aside for variables; statements have the rest. */
  readonly scratchForVariables: number;
}

export class ProgramContext {
  readonly object: ObjectBuilder;
  readonly plan: ProgramPlan;
  readonly features: FeatureFacts;
  readonly architecture: 'x86_64' | 'aarch64';
  readonly binaries: BinaryFacts;
  readonly options: CompileOptions;
  readonly diagnostics: DiagnosticList;
  readonly limits: StackLimits;
  readonly index: number;
  readonly span: Span;
  /** Sessions hold the functions of two contexts: their names tell them apart. */
  readonly namePrefix: string;
  readonly functions: IrFunction[] = [];
  /** Ids of variables whose address is taken. */
  addressed: ReadonlySet<number> = new Set();
  readonly #names = new Map<TypedFunction, string>();
  #count = 0;
  #scratchTop = 0;
  #scratchMax = 0;
  /** The first word marks a value as taken (see `scratch.ts`). */
  #permanent = 8;
  #usesScratch = false;

  readonly #types: TypeFacts;

  constructor(parts: {
    readonly object: ObjectBuilder;
    readonly plan: ProgramPlan;
    readonly facts: KernelFacts;
    readonly options: CompileOptions;
    readonly diagnostics: DiagnosticList;
    readonly limits: StackLimits;
    readonly index: number;
    readonly namePrefix?: string;
  }) {
    this.object = parts.object;
    this.plan = parts.plan;
    this.features = parts.facts.features;
    this.architecture = parts.facts.architecture;
    this.binaries = parts.facts.binaries;
    this.#types = parts.facts.types;
    this.options = parts.options;
    this.diagnostics = parts.diagnostics;
    this.limits = parts.limits;
    this.index = parts.index;
    this.span = parts.plan.probe.span;
    this.namePrefix = parts.namePrefix ?? '';
  }

  get stackLimit(): number {
    return this.limits.temporary;
  }

  get variableLimit(): number {
    return this.limits.variable;
  }

  get reportsReads(): boolean {
    return this.object.program.config.runtimeWarnings;
  }

  /** Offset of `comm` in struct task_struct. */
  get taskNameOffset(): number {
    return this.#offsetOf('task_struct', 'comm') ?? 0;
  }

  /**
   * Members of the current task are loaded like our own memory: the verifier knows the pointer's type, and the kernel
   * reads 0 where a load faults. Not where failed reads are to be reported, which such loads do not tell.
   */
  get readsTaskDirectly(): boolean {
    return !this.reportsReads && this.features.has('current_task_btf');
  }

  /** Offset of `len` in struct sk_buff. */
  get packetLengthOffset(): number {
    return this.#offsetOf('sk_buff', 'len') ?? 0;
  }

  /** Offsets on the way from the task to the function that a uretprobe returns from; undefined if BTF lacks one. */
  get returnInstancePath(): readonly [task: number, first: number, address: number] | undefined {
    const task = this.#offsetOf('task_struct', 'utask');
    const first = this.#offsetOf('uprobe_task', 'return_instances');
    const address = this.#offsetOf('return_instance', 'func');
    return task === undefined || first === undefined || address === undefined ? undefined : [task, first, address];
  }

  #offsetOf(struct: string, name: string): number | undefined {
    const member = this.#types.struct(struct)?.members.find((each) => each.name === name);
    return member && member.bitOffset / 8;
  }

  hasHelper(name: string): boolean {
    return this.features.hasHelper(name, this.plan.type);
  }

  // ---- names ----

  uniqueName(stem: string): string {
    return `${this.namePrefix}${stem}_${this.#count++}`;
  }

  nameOf(fn: TypedFunction): { readonly name: string; readonly isNew: boolean } {
    const known = this.#names.get(fn);
    if (known !== undefined) return { name: known, isNew: false };
    const name = this.uniqueName(`fn_${fn.name}`);
    this.#names.set(fn, name);
    return { name, isNew: true };
  }

  // ---- scratch memory ----

  allocateScratch(size: number): number {
    const offset = this.#scratchTop;
    this.#scratchTop += Math.ceil(size / 8) * 8;
    this.#scratchMax = Math.max(this.#scratchMax, this.#scratchTop);
    return this.#base + offset;
  }

  /** For variables: from the far end, so that statements do not take them back. */
  permanentScratch(size: number): number {
    const offset = this.#permanent;
    this.#permanent += Math.ceil(size / 8) * 8;
    if (this.hasTooManyVariables) this.#tooLarge();
    return offset;
  }

  get #base(): number {
    return this.limits.scratchForVariables;
  }

  markScratch(): number {
    return this.#scratchTop;
  }

  releaseScratch(mark: number): void {
    this.#scratchTop = mark;
  }

  /** Everything allocated so far stays: what follows is called while it is in use. */
  keepScratch(): void {
    this.#scratchTop = this.#scratchMax;
  }

  usesScratch(): void {
    this.#usesScratch = true;
  }

  get scratchSize(): number {
    if (!this.#usesScratch) return 0;
    const size = this.#base + this.#scratchMax;
    if (size > MAX_SCRATCH) this.#tooLarge();
    return this.#scratchMax === 0 ? this.#permanent : size;
  }

  /** More than the scratch memory set aside for them holds. */
  get hasTooManyVariables(): boolean {
    return this.#permanent > this.#base;
  }

  #tooLarge(): void {
    if (this.diagnostics.hasErrors) return;
    this.diagnostics.error(
      'program-too-large',
      'the values of this probe need more memory than a BPF program has',
      this.span,
      {
        hints: ['Lower max_strlen, or give str() a length.'],
      },
    );
  }
}

/** A per-CPU value may not exceed PCPU_MIN_UNIT_SIZE (include/linux/percpu.h). */
const MAX_SCRATCH = 32768;
