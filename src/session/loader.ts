/**
 * Brings a BPF object into the kernel: maps with their contents, relocations bound to them, programs. All of it hangs
 * off descriptors of this process; whatever fails half-way is closed again.
 */

import { createMap, freezeMap, mapArray, updateElement } from '../../native/maps.ts';
import type { MappedMemory } from '../../native/memory.ts';
import { NativeError } from '../../native/native-error.ts';
import { pmuType } from '../../native/perf.ts';
import { loadBtf, loadProgram, openModuleBtf, openProgram } from '../../native/programs.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import type { BpfObject, MapSpec, ProgramSpec, Relocation } from '../codegen/object.ts';
import { createDiagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { type ExplainLog, refusal } from './refusals.ts';
import { SessionError } from './session.ts';

export interface LoaderOptions {
  /** BTF id of a function that programs may call; undefined if this kernel has none of the name. */
  readonly kfuncId?: (name: string) => number | undefined;
  readonly explainLog?: ExplainLog;
}

export interface LoadedProgram {
  readonly spec: ProgramSpec;
  readonly fd: number;
}

/** LoadedObject owns the descriptors of maps and programs and the memory of mapped arrays. */
export class LoadedObject {
  readonly maps: number[] = [];
  readonly memories = new Map<number, MappedMemory>();
  readonly programs: LoadedProgram[] = [];
  readonly #others: number[] = [];
  #isOpen = true;

  /** keep makes this object close the descriptor. */
  keep(fd: number): number {
    this.#others.push(fd);
    return fd;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const memory of this.memories.values()) memory.close();
    for (const fd of [...this.programs.map((program) => program.fd), ...this.maps, ...this.#others]) {
      closeDescriptor(fd);
    }
  }
}

/** loadObject creates maps and loads programs. Throws SessionError. */
export function loadObject(object: BpfObject, options: LoaderOptions = {}): LoadedObject {
  const loaded = new LoadedObject();
  try {
    for (const [index, spec] of object.maps.entries()) createOne(loaded, index, spec);
    const btfFd = object.btf.length > 0 ? loaded.keep(loadProgramBtf(object.btf)) : undefined;
    const moduleBtf = new Map<string, number>();
    for (const spec of object.programs) {
      const instructions = bind(spec, loaded.maps, options);
      const attachBtfFd = spec.attachBtf && moduleFd(spec.attachBtf.module, moduleBtf, loaded);
      const fd = loadOne(object, spec, instructions, btfFd, attachBtfFd, options);
      loaded.programs.push({ spec, fd });
    }
    return loaded;
  } catch (error) {
    loaded.close();
    throw error;
  }
}

function createOne(loaded: LoadedObject, index: number, spec: MapSpec): void {
  try {
    const fd = createMap(spec);
    loaded.maps.push(fd);
    const key = Buffer.alloc(4);
    for (const [element, value] of spec.initial?.entries() ?? []) {
      key.writeUInt32LE(element);
      updateElement(fd, key, value);
    }
    if (spec.isFrozen) freezeMap(fd);
    if (spec.isMapped) loaded.memories.set(index, mapArray(fd, spec.valueSize, spec.maxEntries));
  } catch (error) {
    throw refusal(`create map ${spec.name}`, error);
  }
}

function loadProgramBtf(blob: Uint8Array): number {
  try {
    return loadBtf(blob);
  } catch (error) {
    throw refusal('load the BTF of the script', error);
  }
}

function moduleFd(module: string, known: Map<string, number>, loaded: LoadedObject): number | undefined {
  if (module === '' || module === 'vmlinux') return undefined;
  let fd = known.get(module);
  if (fd === undefined) {
    // The kernel takes the program itself in the place of its types (attach_prog_fd of union bpf_attr).
    const [, programId] = /^bpf:(\d+)$/.exec(module) ?? [];
    fd = programId === undefined ? openModuleBtf(module) : openProgram(Number(programId));
    if (fd === undefined) {
      throw new SessionError([
        createDiagnostic(
          'error',
          'no-module-btf',
          programId === undefined ? `kernel module ${module} has no BTF` : `program ${programId} is gone`,
        ),
      ]);
    }
    known.set(module, loaded.keep(fd));
  }
  return fd;
}

function loadOne(
  object: BpfObject,
  spec: ProgramSpec,
  instructions: Uint8Array,
  btfFd: number | undefined,
  attachBtfFd: number | undefined,
  options: LoaderOptions,
): number {
  const load = (logLevel: number) =>
    loadProgram({
      name: spec.name,
      type: spec.type,
      license: object.config.license,
      instructions,
      ...(spec.expectedAttachType && { expectedAttachType: spec.expectedAttachType }),
      ...(spec.attachBtf && { attachBtfId: spec.attachBtf.id }),
      ...(attachBtfFd !== undefined && { attachBtfFd }),
      ...(btfFd !== undefined &&
        spec.functions.length > 0 && {
          btf: { fd: btfFd, functions: functionInfo(spec), lines: spec.lineInfo ?? new Uint8Array(0) },
        }),
      logLevel,
      logSize: object.config.logSize,
    });
  try {
    return load(0);
  } catch (first) {
    // Without a log the verifier is faster; so it is asked for only once there is something to say.
    const error = isVerdict(first) ? failureOf(() => load(1), first) : first;
    if (typeof error === 'number') return error;
    throw programRefusal(spec, error, options);
  }
}

/** Not permitted, no memory, interrupted: the verifier has not spoken, or not to the end. */
const NO_VERDICTS: readonly string[] = ['EPERM', 'ENOMEM', 'EAGAIN', 'EINTR'];

function isVerdict(error: unknown): error is NativeError {
  return error instanceof NativeError && !NO_VERDICTS.includes(error.code);
}

/** What `load` throws; its result if it goes well after all. A log too small for all is still a log. */
function failureOf(load: () => number, first: unknown): unknown {
  try {
    return load();
  } catch (error) {
    const isLogFull = error instanceof NativeError && error.code === 'ENOSPC' && first instanceof NativeError;
    return isLogFull ? new NativeError(first.operation, first.errno, error.log) : error;
  }
}

function programRefusal(spec: ProgramSpec, error: unknown, options: LoaderOptions): SessionError {
  const site = siteOf(spec);
  const name = site?.name ?? spec.name;
  const log = isVerdict(error) ? error.log : undefined;
  const span: Span | undefined = site?.span;
  if (isTrampolineRefusal(spec, error)) {
    const message = `cannot load ${name}: this kernel has no trampolines for fentry and fexit probes`;
    const hints = [`use a tracepoint or rawtracepoint${pmuType('kprobe') === undefined ? '' : ', or a kprobe'}`];
    return new SessionError([createDiagnostic('error', 'no-trampolines', message, span, { hints })], { cause: error });
  }
  const explained = log ? options.explainLog?.(log, { name, ...(span && { span }) }) : undefined;
  if (explained) return new SessionError([explained], { ...(log && { log }), cause: error });
  return refusal(`load ${name}`, error, span);
}

/** A kernel without direct calls from ftrace refuses root, too, with EPERM (kernel/bpf/verifier.c, 6.18). */
function isTrampolineRefusal(spec: ProgramSpec, error: unknown): boolean {
  const isTrampoline = spec.expectedAttachType === 'trace_fentry' || spec.expectedAttachType === 'trace_fexit';
  return isTrampoline && error instanceof NativeError && error.code === 'EPERM' && process.geteuid?.() === 0;
}

function siteOf(spec: ProgramSpec) {
  const [attachment] = spec.attachments;
  if (!attachment) return undefined;
  return 'site' in attachment ? attachment.site : attachment.sites[0];
}

function functionInfo(spec: ProgramSpec): Buffer {
  const records = Buffer.alloc(spec.functions.length * 8);
  for (const [index, { instruction, btfId }] of spec.functions.entries()) {
    records.writeUInt32LE(instruction, index * 8);
    records.writeUInt32LE(btfId, index * 8 + 4);
  }
  return records;
}

/** `src_reg` of an `ld_imm64` pair says what its immediate is (include/uapi/linux/bpf.h, BPF_PSEUDO_*). */
const PSEUDO = { mapFd: 1, mapValue: 2, btfId: 3, kfuncCall: 2 };

/** bind fills in what is known only now; the object itself stays as it is. */
function bind(spec: ProgramSpec, maps: readonly number[], options: LoaderOptions): Uint8Array {
  const code = Buffer.from(spec.instructions);
  for (const { instruction, target } of spec.relocations) {
    const at = instruction * 8;
    switch (target.kind) {
      case 'map':
        patch(code, at, PSEUDO.mapFd, descriptorOf(maps, target.map));
        break;
      case 'mapValue':
        patch(code, at, PSEUDO.mapValue, descriptorOf(maps, target.map));
        code.writeInt32LE(target.offset, at + 12);
        break;
      case 'btfVariable':
        patch(code, at, PSEUDO.btfId, target.btfId);
        break;
      case 'kfunc':
        patch(code, at, PSEUDO.kfuncCall, kfuncOf(target, options));
        break;
    }
  }
  return code;
}

function patch(code: Buffer, at: number, source: number, immediate: number): void {
  code.writeUInt8(((code[at + 1] ?? 0) & 0x0f) | (source << 4), at + 1);
  code.writeInt32LE(immediate, at + 4);
}

function descriptorOf(maps: readonly number[], index: number): number {
  const fd = maps[index];
  if (fd === undefined) throw new Error(`no map ${index}`);
  return fd;
}

function kfuncOf(target: Extract<Relocation['target'], { readonly kind: 'kfunc' }>, options: LoaderOptions): number {
  const id = options.kfuncId?.(target.name);
  if (id === undefined) {
    const message = `this kernel has no function ${target.name} that programs may call`;
    throw new SessionError([createDiagnostic('error', 'no-kfunc', message)]);
  }
  return id;
}
