/**
 * Names that are looked up by another thread. A name that is not known yet is no name at first; who shows names waits for
 * `settled` and asks again. What was learnt is kept by file and offset, so that the next process that runs the same program
 * costs nothing, and a thread that is not needed any more ends. Where there can be no thread, names are read on the spot.
 */

import { closeSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Generations } from './generations.ts';
import { KernelCode } from './kernel-code.ts';
import { type KernelLocation, KernelSymbols, readKallsyms } from './kernel-symbols.ts';
import type { FileQuestion, NameAnswer, NameQuestion } from './name-messages.ts';
import { NamedRanges } from './named-ranges.ts';
import { type FileSymbol, identify, type NamedPlace, SymbolFiles } from './symbol-file.ts';
import type { FileSymbols, SymbolSource } from './symbol-source.ts';

declare const BPTOP_NAME_WORKER: string | undefined;

const WORKER = typeof BPTOP_NAME_WORKER === 'string' ? BPTOP_NAME_WORKER : './name-worker.ts';
/** The thread ends after this long without a question. */
const IDLE_MS = 15_000;
const MAX_FILES = 256;
const MAX_OFFSETS = 2048;
const MAX_ADDRESSES = 4096;
/** Functions of a file. */
const MAX_RANGES = 4096;

/** One kernel for all who ask. */
const sharedKernel = new KernelCode();

/** LateNames is the symbols of all files and of the kernel. */
export class LateNames implements SymbolSource {
  readonly #createWorker: () => Worker;
  readonly #files = new Generations<string, LateFile>(MAX_FILES);
  readonly #code: KernelCode;
  /** Of the kernel itself. */
  readonly #kernel = new Generations<bigint, KernelLocation>(MAX_ADDRESSES);
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isBroken = false;
  #isScheduled = false;
  #askedFiles = new Set<LateFile>();
  #wantsKernel = false;
  /** Sent and not answered, oldest first. */
  #sent: { readonly question: NameQuestion; readonly files: readonly LateFile[] }[] = [];
  #waiting: (() => void)[] = [];
  #ownFiles: SymbolFiles | undefined;
  #ownKernel: KernelSymbols | undefined;
  /** How often a name was wanted that is still being looked up. */
  misses = 0;

  constructor(createWorker = startWorker, code = sharedKernel) {
    this.#createWorker = createWorker;
    this.#code = code;
  }

  open(path: string): FileSymbols {
    if (this.#isBroken) return this.#openHere(path);
    const identity = identify(path);
    if (identity === undefined) return NOTHING;
    let file = this.#files.get(identity);
    if (file === undefined) {
      file = new LateFile(identity, path, {
        ask: (asking) => this.#askFile(asking),
        openHere: (late) => this.#openHere(late.path),
      });
      this.#files.set(identity, file);
    }
    file.path = path;
    return file;
  }

  /** The kernel's function at an address. */
  locate(address: bigint): KernelLocation | undefined {
    const known = this.#kernel.get(address);
    if (known !== undefined) return known;
    const location = this.#code.locate(address);
    if (location !== 'unread') {
      if (location !== undefined && location.module === undefined) this.#kernel.set(address, location);
      return location;
    }
    if (this.#isBroken) {
      this.#ownKernel ??= new KernelSymbols(readKallsyms);
      return this.#ownKernel.locate(address);
    }
    this.misses++;
    this.#wantsKernel = true;
    this.#schedule();
    return undefined;
  }

  /** Resolves when all that was asked so far has been answered. */
  settled(): Promise<void> {
    if (this.#sent.length === 0 && this.#askedFiles.size === 0 && !this.#wantsKernel) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#isBroken = true;
    this.#end();
  }

  #openHere(path: string): FileSymbols {
    this.#ownFiles ??= new SymbolFiles();
    return this.#ownFiles.open(path);
  }

  #askFile(file: LateFile): boolean {
    if (this.#isBroken) return false;
    this.misses++;
    this.#askedFiles.add(file);
    this.#schedule();
    return true;
  }

  /** Everything that one snapshot asks for is one question. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#isBroken) this.#send();
    });
  }

  #send(): void {
    const files: LateFile[] = [];
    const questions: FileQuestion[] = [];
    for (const file of this.#askedFiles) {
      const question = file.question();
      if (question === undefined) continue;
      files.push(file);
      questions.push(question);
    }
    // What is being read already need not be read twice.
    const isRead = this.#wantsKernel && !this.#sent.some((earlier) => earlier.question.functions !== undefined);
    const question: NameQuestion = {
      files: questions,
      ...(isRead && { functions: this.#code.hasKernel ? 'loaded' : 'all' }),
    };
    this.#askedFiles = new Set();
    this.#wantsKernel = false;
    if (isRead) this.#code.startReading();
    if (questions.length === 0 && !isRead) {
      // All of it has been asked before, or lies in files that are gone.
      if (this.#sent.length === 0) this.#release();
      return;
    }
    this.#sent.push({ question, files });
    clearTimeout(this.#idleTimer);
    this.#worker ??= this.#start();
    this.#worker.postMessage(question);
  }

  #start(): Worker {
    const worker = this.#createWorker();
    worker.unref();
    worker.on('message', (answer: NameAnswer) => this.#take(answer));
    const fail = () => {
      if (this.#worker !== worker) return;
      this.#isBroken = true;
      this.#end();
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    return worker;
  }

  #take(answer: NameAnswer): void {
    const sent = this.#sent.shift();
    if (sent === undefined) return;
    for (const [index, file] of sent.files.entries()) {
      const question = sent.question.files[index];
      if (question === undefined) continue;
      file.take(question.offsets, answer.files[index] ?? []);
      closeSync(question.descriptor);
    }
    if (answer.functions !== undefined) this.#code.take(answer.functions);
    if (this.#sent.length > 0) return;
    this.#release();
    this.#idleTimer = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    clearTimeout(this.#idleTimer);
    void worker?.terminate();
    for (const { question } of this.#sent) for (const { descriptor } of question.files) closeSync(descriptor);
    this.#sent = [];
    this.#release();
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

interface Asker {
  /** False: nobody will answer. */
  ask(file: LateFile): boolean;
  openHere(file: LateFile): FileSymbols;
}

/** One file, as far as it is known. */
class LateFile implements FileSymbols {
  path: string;
  readonly #identity: string;
  readonly #asker: Asker;
  readonly #known = new Generations<number, FileSymbol | null>(MAX_OFFSETS);
  /** Of functions that were found, with the offset in the file where they begin. */
  readonly #ranges = new NamedRanges<FileSymbol>(MAX_RANGES);
  #asked = new Set<number>();
  readonly #pending = new Set<number>();

  constructor(identity: string, path: string, asker: Asker) {
    this.#identity = identity;
    this.path = path;
    this.#asker = asker;
  }

  symbolAt(fileOffset: number): FileSymbol | undefined {
    const known = this.#known.get(fileOffset);
    if (known !== undefined) return known ?? undefined;
    const within = this.#ranges.find(fileOffset);
    if (within !== undefined) {
      const symbol = { name: within.name, offset: fileOffset - within.offset };
      this.#known.set(fileOffset, symbol);
      return symbol;
    }
    if (!this.#asker.ask(this)) return this.#asker.openHere(this).symbolAt(fileOffset);
    if (!this.#pending.has(fileOffset)) this.#asked.add(fileOffset);
    return undefined;
  }

  sourceFramesAt(): readonly [] {
    return [];
  }

  /** What is to be asked now; nothing is, and nothing will be known, if the file cannot be opened. */
  question(): FileQuestion | undefined {
    const offsets = [...this.#asked];
    this.#asked = new Set();
    if (offsets.length === 0) return undefined;
    try {
      const descriptor = openSync(this.path, 'r');
      for (const offset of offsets) this.#pending.add(offset);
      return { identity: this.#identity, path: this.path, descriptor, offsets };
    } catch {
      this.take(offsets, []);
      return undefined;
    }
  }

  take(offsets: readonly number[], places: readonly (NamedPlace | null)[]): void {
    for (const [index, fileOffset] of offsets.entries()) {
      this.#pending.delete(fileOffset);
      const place = places[index] ?? null;
      this.#known.set(fileOffset, place && { name: place.name, offset: place.offset });
      if (place === null) continue;
      const { name, offset, before, behind } = place;
      this.#ranges.add(fileOffset - before, fileOffset + behind, { name, offset: fileOffset - offset });
    }
  }
}

const NOTHING: FileSymbols = { symbolAt: () => undefined, sourceFramesAt: () => [] };

function startWorker(): Worker {
  return new Worker(new URL(WORKER, import.meta.url), {
    name: 'bptop-names',
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
}
