/**
 * What one process has had mapped: the mappings of each look at it, newest first, so that addresses keep their names
 * after an exec, a dlclose or the end. Looks again when an address is unknown, but not more often than the kernel can
 * take; a number that went to another process begins anew.
 */

import { existsSync, readlinkSync, statSync } from 'node:fs';
import { readProcFile } from '../kernel/binaries/proc-file.ts';
import {
  isFileMapping,
  isSameFile,
  type Mapping,
  mappedFilePath,
  parseCodeMaps,
  processRoot,
  readMapsBytes,
  readMapsText,
} from '../kernel/binaries/process-maps.ts';
import type { StackFrame } from '../session/snapshot.ts';
import { uptimeMs } from '../session/uptime.ts';
import { decodeBytes } from '../text/bytes.ts';
import { PerfMap } from './perf-map.ts';
import { type SymbolFile, SymbolFiles } from './symbol-file.ts';
import type { FileSymbols, SymbolSource } from './symbol-source.ts';
import { readVdso } from './vdso.ts';

export interface UserLocation {
  readonly symbol?: string;
  readonly offset?: number;
  /** Path of the mapped file as the process sees it, `[vdso]` and the like, or empty for anonymous memory. */
  readonly module?: string;
  readonly file?: FileSymbols;
  readonly fileOffset?: number;
}

/** The frame at an address, without a list around it unless others were inlined there: they are kept by the ten thousand. */
export type Frames = StackFrame | readonly StackFrame[];

/** What is said of an address that lies in no mapping known. */
export const UNKNOWN_LOCATION: UserLocation = {};
const MAX_LOOKS = 4;
const MAX_REMEMBERED = 65_536;
/** Between looks for the sake of an unknown address: doubled each time in vain, so that a stray one costs little. */
const MIN_RELOOK_MS = 2;
const MAX_RELOOK_MS = 500;
/** For who reads everything at once, again and again: what is unknown at one reading is looked for at the next. */
const PATIENT_RELOOK = { first: 800, last: 8000 };
/** A process that is gone does not come back; its number may. */
const GONE_RELOOK_MS = 2000;
const IF_THERE = { throwIfNoEntry: false } as const;
const IDENTITY_CHECK_MS = 500;
const MAX_KEPT_BYTES = 1 << 16;

export class ProcessView {
  readonly pid: number;
  readonly #files: SymbolSource;
  readonly #perfMap: PerfMap;
  readonly #remembered = new Map<number, UserLocation>();
  /** Frames made of what is remembered, for who makes them: by return address, and by address. */
  readonly callFrames = new Map<number, Frames>();
  readonly leafFrames = new Map<number, Frames>();
  /** Frames that have no name as things are: by return address, and by the negative of a leaf's. */
  readonly unnamedFrames = new Map<number, Frames>();
  #looks: readonly (readonly Mapping[])[] = [];
  #openFiles = new Map<Mapping, FileSymbols>();
  #root: string | undefined;
  /** Where the last address was: the frames of a stack are mostly in two or three files. */
  #lastMapping: Mapping | undefined;
  #learnt: readonly Mapping[] | undefined;
  #startTime = '';
  /** Unknown until somebody asks whether it has become another. */
  #program: string | undefined;
  /** Kept for who looks whether anything has changed; a quarter of a megabyte for some. */
  #text: string | undefined;
  /** What was read at the last look, unless that is much. */
  #bytes: Buffer | undefined;
  #isFollowed = false;
  #isGone = false;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #unnamedCheckedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether addresses are among the unnamed frames that lie in no mapping. */
  #hasUnknown = false;
  readonly #relook: { readonly first: number; readonly last: number };
  #relookMs: number;

  constructor(pid: number, files: SymbolSource, isPatient = false) {
    this.pid = pid;
    this.#files = files;
    this.#relook = isPatient ? PATIENT_RELOOK : { first: MIN_RELOOK_MS, last: MAX_RELOOK_MS };
    this.#relookMs = this.#relook.first;
    this.#perfMap = new PerfMap(pid);
    this.look();
  }

  /** Whether the process was ever seen alive. */
  get isKnown(): boolean {
    return this.#looks.length > 0;
  }

  /** When the process was last looked for. */
  get lookedAtMs(): number {
    return this.#lookedAtMs;
  }

  /** Reads the mappings now. */
  look(): void {
    this.#lookedAtMs = uptimeMs();
    this.#checkedAtMs = this.#lookedAtMs;
    // Asked first, since to fail at opening a file takes ten times as long.
    const startTime = existsSync(`/proc/${this.pid}`) ? readStartTime(this.pid) : '';
    this.#isGone = startTime === '';
    if (this.#isGone) return;
    const bytes = readMapsBytes(this.pid);
    // Most looks are in vain, and reading what there is takes longer than the kernel takes to write it.
    if (startTime === this.#startTime && bytes !== undefined && this.#bytes?.equals(bytes) === true) return;
    const text = bytes === undefined ? '' : decodeBytes(bytes);
    const mappings = parseCodeMaps(text);
    if (mappings.length === 0) return;
    this.#bytes = bytes !== undefined && bytes.length <= MAX_KEPT_BYTES ? Buffer.from(bytes) : undefined;
    mappings.sort((left, right) => left.start - right.start);
    this.#text = this.#isFollowed ? text : undefined;
    // Looked for in vain: what is remembered holds.
    if (startTime === this.#startTime && areSame(mappings, this.#looks[0])) return;
    if (startTime !== this.#startTime) {
      this.#looks = [];
      this.#openFiles.clear();
    }
    this.#forget();
    this.#startTime = startTime;
    this.#program = undefined;
    this.#root = undefined;
    this.#looks = [mappings, ...this.#looks].slice(0, MAX_LOOKS);
  }

  /** Takes over mappings that somebody else has seen; false if that tells nothing new. */
  learn(mappings: readonly Mapping[] | undefined): boolean {
    if (!mappings || mappings === this.#learnt) return false;
    this.#learnt = mappings;
    // The process may be gone, and with it the way to a file that has another name here.
    const own = mappings.filter((mapping) => isSameFile(mapping)).sort((left, right) => left.start - right.start);
    if (own.length === 0) return false;
    this.#bytes = undefined;
    this.#looks = [own, ...this.#looks].slice(0, MAX_LOOKS);
    this.#forget();
    return true;
  }

  /** Takes over what another process has mapped, of which this one is a copy. */
  inherit(parent: ProcessView): void {
    this.#bytes = undefined;
    this.#looks = parent.#looks;
    this.#lastMapping = undefined;
  }

  /** Looks again if the number went to another process, or the process to another program. */
  check(): void {
    const now = uptimeMs();
    if (now - this.#checkedAtMs < IDENTITY_CHECK_MS) return;
    this.#checkedAtMs = now;
    const startTime = readStartTime(this.pid);
    if (startTime === '') return;
    const program = readProgram(this.pid);
    if (startTime !== this.#startTime || program !== this.#program) this.look();
    this.#program = program;
  }

  /** From now on `refresh` tells what has changed. */
  follow(): void {
    this.#isFollowed = true;
    this.#bytes = undefined;
    this.look();
  }

  /** Looks again if anything is mapped otherwise than at the last look. */
  refresh(): 'gone' | 'same' | 'changed' {
    const text = readMapsText(this.pid);
    if (text === '') return 'gone';
    if (text === this.#text) return 'same';
    this.look();
    return 'changed';
  }

  locate(address: number): UserLocation {
    const known = this.#remembered.get(address);
    if (known) return known;
    let found = this.#locateNow(address);
    if (found === undefined && this.#lookAgain()) {
      found = this.#locateNow(address);
      if (found !== undefined) this.#relookMs = this.#relook.first;
    }
    // An unnamed address may get its name later: just-in-time compiled, or from a library loaded since.
    if (!found?.symbol) return found ?? UNKNOWN_LOCATION;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#forget();
    this.#remembered.set(address, found);
    return found;
  }

  /** Forgets what can be found again, if the process has ended and will hardly be asked for; false while it lives. */
  forgetIfEnded(): boolean {
    if (statSync(`/proc/${this.pid}`, IF_THERE) !== undefined) return false;
    this.#bytes = undefined;
    this.#forget();
    return true;
  }

  /** Remembers that an address has no name as things are. */
  keepUnnamed(place: number, frames: Frames): void {
    this.unnamedFrames.set(place, frames);
    this.#hasUnknown ||= this.#mappingAt(Math.abs(place)) === undefined;
  }

  /** Just-in-time compiled code gets its names late, and libraries are loaded late. Asked for each stack, looked at once a reading. */
  checkUnnamed(): void {
    if (this.unnamedFrames.size === 0) return;
    const now = uptimeMs();
    if (now - this.#unnamedCheckedAtMs < this.#relook.first) return;
    this.#unnamedCheckedAtMs = now;
    if (this.#perfMap.readMore()) this.unnamedFrames.clear();
    if (this.#hasUnknown && this.#lookAgain()) this.#relookMs = this.#relook.first;
  }

  /** Looks for the sake of an unknown address, ever more rarely while in vain; whether anything is mapped otherwise. */
  #lookAgain(): boolean {
    if (uptimeMs() - this.#lookedAtMs < this.#relookMs) return false;
    const before = this.#looks;
    this.look();
    this.#relookMs = this.#isGone ? GONE_RELOOK_MS : Math.min(this.#relookMs * 2, this.#relook.last);
    return this.#looks !== before;
  }

  /**
   * The frame of an address, or of the call before it, where all that may be known of it is at hand: nearly always, in few
   * steps; without a name where that is still looked up, too. Undefined for any other, which `locate` knows more about.
   */
  frameAt(address: number, isLeaf: boolean): StackFrame | undefined {
    const at = isLeaf ? address : address - 1;
    const mapping = this.#mappingAt(at);
    if (mapping === undefined) return undefined;
    const module = mapping.path;
    const file = this.#openFiles.get(mapping) ?? (isNamedFile(mapping) ? this.#fileOf(mapping) : undefined);
    if (file === undefined) {
      if (module === '[vdso]' || !this.#perfMap.isEmpty) return undefined;
      return module === '' ? { address: BigInt(address) } : { address: BigInt(address), module };
    }
    const fileOffset = at - mapping.start + mapping.fileOffset;
    const symbol = file.symbolAt(fileOffset);
    if (symbol !== undefined) {
      const offset = isLeaf ? symbol.offset : symbol.offset + 1;
      return { address: BigInt(address), symbol: symbol.name, offset, module };
    }
    const behind = isLeaf ? undefined : file.symbolAt(fileOffset + 1);
    if (behind === undefined) return { address: BigInt(address), module };
    return { address: BigInt(address), symbol: behind.name, offset: behind.offset, module };
  }

  #forget(): void {
    this.#lastMapping = undefined;
    this.#remembered.clear();
    this.callFrames.clear();
    this.leafFrames.clear();
    this.unnamedFrames.clear();
    this.#hasUnknown = false;
  }

  #locateNow(address: number): UserLocation | undefined {
    const mapping = this.#mappingAt(address);
    return mapping && this.#locateIn(mapping, address);
  }

  #mappingAt(address: number): Mapping | undefined {
    const last = this.#lastMapping;
    if (last !== undefined && address >= last.start && address < last.end) return last;
    for (let age = 0; age < this.#looks.length; age++) {
      const mapping = findMapping(this.#looks[age] ?? [], address);
      if (mapping === undefined) continue;
      // What an older look says of its neighbours, a newer one may say otherwise.
      if (age === 0) this.#lastMapping = mapping;
      return mapping;
    }
    return undefined;
  }

  #locateIn(mapping: Mapping, address: number): UserLocation {
    const module = mapping.path;
    const fileOffset = address - mapping.start + mapping.fileOffset;
    if (!isNamedFile(mapping)) {
      const symbol =
        module === '[vdso]'
          ? vdsoSymbols(this.pid, mapping).symbolAt(address - mapping.start)
          : this.#perfMap.symbolAt(address);
      return { module, ...(symbol && { symbol: symbol.name, offset: symbol.offset }) };
    }
    const file = this.#fileOf(mapping);
    const symbol = file.symbolAt(fileOffset);
    return { module, file, fileOffset, ...(symbol && { symbol: symbol.name, offset: symbol.offset }) };
  }

  #fileOf(mapping: Mapping): FileSymbols {
    let file = this.#openFiles.get(mapping);
    if (!file) {
      this.#root ??= processRoot(this.pid);
      file = this.#files.open(mappedFilePath(this.pid, mapping, this.#root));
      this.#openFiles.set(mapping, file);
    }
    return file;
  }
}

/** Just-in-time compilers keep code in anonymous memory, or in files that have no name in any file system. */
function isNamedFile(mapping: Mapping): boolean {
  if (!isFileMapping(mapping)) return false;
  return !(mapping.isDeleted && /^\/(memfd:|dev\/(shm|zero)|SYSV)/.test(mapping.path));
}

function areSame(mappings: readonly Mapping[], before: readonly Mapping[] | undefined): boolean {
  if (mappings.length !== before?.length) return false;
  return mappings.every((mapping, index) => {
    const other = before[index];
    return (
      mapping.start === other?.start &&
      mapping.end === other.end &&
      mapping.fileOffset === other.fileOffset &&
      mapping.inode === other.inode &&
      mapping.path === other.path &&
      mapping.isDeleted === other.isDeleted &&
      mapping.isExecutable === other.isExecutable
    );
  });
}

function findMapping(mappings: readonly Mapping[], address: number): Mapping | undefined {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((mappings[middle]?.start ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const mapping = mappings[low - 1];
  return mapping && address < mapping.end ? mapping : undefined;
}

let vdso: SymbolFile | undefined;

/** One image serves all processes of this architecture; ours is at hand if the target's is out of reach. */
function vdsoSymbols(pid: number, mapping: Mapping): SymbolFile {
  const files = new SymbolFiles();
  if (!vdso) {
    const bytes = readVdso(pid, mapping);
    if (!bytes) return files.openImage(new Uint8Array());
    vdso = files.openImage(bytes);
  }
  return vdso;
}

function readProgram(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat; empty if there is no such process. With the number it identifies a process. */
function readStartTime(pid: number): string {
  const text = readProcFile(`/proc/${pid}/stat`)?.toString('latin1') ?? '';
  // The name in parentheses may hold anything, blanks and parentheses too.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
