/**
 * A session on the running kernel: loads an object, attaches it, reads its maps and events, and takes it all off again.
 * Each step may be followed by `close` at any time; nothing of it outlives the process.
 */

import { read } from 'node:fs';
import { promisify } from 'node:util';
import { readClock } from '../../native/clock.ts';
import { enableStatistics, programStatistics, testRun } from '../../native/programs.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import { type ActionSpec, type BpfObject, WARNINGS_SENT } from '../codegen/object.ts';
import { objectExplainer } from '../codegen/verifier/explain.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { AttachSite } from '../semantics/program.ts';
import { Attachments, runSites, sitesOf } from './attachments.ts';
import type { DecodeContext } from './decode.ts';
import { EventDecoder } from './events.ts';
import { type LoadedObject, loadObject } from './loader.ts';
import { MapEntries } from './map-entries.ts';
import { createMapReader, type MapReader } from './map-reader.ts';
import { PacketBuffers } from './packet-buffers.ts';
import { ProgramMeter } from './program-meter.ts';
import { type ExplainLog, refusal } from './refusals.ts';
import type { Resolver } from './resolver.ts';
import { RingBuffer } from './ring-buffer.ts';
import type { AttachProgress, HandRun, RecordPrinter, Session, UnsentWarnings } from './session.ts';
import { SlotMemory } from './slots.ts';
import type { MapSnapshot, ProbeCost, SessionEvent, Snapshot } from './snapshot.ts';
import { soleStackHolder } from './stack-holders.ts';
import { MAX_NAMED_WATCHED, StackReader } from './stack-reader.ts';
import { systemResolver } from './system-resolver.ts';
import { uptimeMs } from './uptime.ts';

export interface SessionOptions {
  readonly facts: Pick<KernelFacts, 'possibleCpus' | 'onlineCpus' | 'pageSize'> & {
    readonly types?: Pick<KernelFacts['types'], 'function'>;
    readonly functions?: Pick<KernelFacts['functions'], 'address'>;
  };
  /** By default names come from the running system. */
  readonly resolver?: Resolver;
  /** For what is in maps, where names may come late since maps are read again; by default the same. */
  readonly mapResolver?: Resolver;
  /** Uprobes, markers, perf events and watchpoints are for this process only. */
  readonly pid?: number;
  /** Count runs and time of the probes; costs each run some 20 ns. */
  readonly isCostMeasured?: boolean;
  readonly explainLog?: ExplainLog;
}

/** Pauses between looks at the ring buffer grow from the first to the second while nothing comes. */
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;
/** Two milliseconds of a million events per second are a fortieth of the default ring. */
const STREAM_PAUSE_MS = 2;
const COSTS_PAUSE_MS = 900;
/** XDP programs want at least an Ethernet header. */
const TEST_PACKET = new Uint8Array(64);

/** openSession creates the maps and loads the programs. Throws SessionError. */
export function openSession(object: BpfObject, options: SessionOptions): Session {
  return new KernelSession(object, options);
}

type State = 'loaded' | 'running' | 'stopped' | 'closed';

/** Calls into the kernel that a program without `repeat` of its own is run by. */
const MOST_SINGLE_RUNS = 2000;

function runRepeated(fd: number, repeat: number): HandRun {
  const { returnValue, durationNs } = testRun(fd, { data: TEST_PACKET, repeat });
  return { returnValue: Number(returnValue), durationNs: Number(durationNs), runs: repeat };
}

/** Raw tracepoint programs refuse `repeat` and report no duration: the kernel's run statistics tell. */
function runOneByOne(fd: number, runs: number): HandRun {
  const statistics = enableStatistics();
  try {
    const before = programStatistics(fd);
    let returnValue = 0;
    for (let run = 0; run < runs; run++) returnValue = Number(testRun(fd).returnValue);
    const after = programStatistics(fd);
    return { returnValue, durationNs: Math.round((after.timeNs - before.timeNs) / runs), runs };
  } finally {
    closeDescriptor(statistics);
  }
}

class KernelSession implements Session {
  readonly object: BpfObject;
  finished?: Promise<void>;
  readonly #loaded: LoadedObject;
  readonly #attachments: Attachments;
  readonly #ring: RingBuffer | undefined;
  readonly #packets: PacketBuffers | undefined;
  readonly #events: EventDecoder;
  readonly #slots: SlotMemory;
  readonly #readers: readonly MapReader[];
  readonly #stacks: StackReader[] = [];
  readonly #startedMs = uptimeMs();
  #statisticsFd: number | undefined;
  #probeCosts: readonly ProbeCost[] = [];
  /** Of the programs that probes run; made with the first reading. */
  #meters: readonly { readonly name: string; readonly sites: number; readonly meter: ProgramMeter }[] | undefined;
  #costsReadAtMs = Number.NEGATIVE_INFINITY;
  #state: State = 'loaded';
  #closing: Promise<void> | undefined;
  #pauseMs = SHORTEST_PAUSE_MS;
  #finalLosses = 0;

  constructor(object: BpfObject, options: SessionOptions) {
    const { facts } = options;
    const resolver = options.resolver ?? systemResolver(object.config);
    this.object = object;
    if (options.pid !== undefined) resolver.observe(options.pid);
    this.#loaded = loadObject(object, {
      kfuncId: (name) => facts.types?.function(name)?.btfId,
      explainLog: options.explainLog ?? objectExplainer(object),
    });
    try {
      const { maps, memories } = this.#loaded;
      this.#slots = new SlotMemory(memories, facts.possibleCpus);
      const context = this.#decodeContext(resolver, maps);
      const mapContext = options.mapResolver
        ? this.#decodeContext(options.mapResolver, maps, MAX_NAMED_WATCHED)
        : context;
      this.#events = new EventDecoder(object, context);
      this.#readers = object.userMaps.map((map) => {
        const { storage } = map;
        const indexes = storage.kind === 'map' ? [storage.map, ...(storage.short ? [storage.short.map] : [])] : [];
        const entries = indexes.map((index) => this.#entriesOf(index, facts.possibleCpus));
        return createMapReader(map, this.#slots, entries, mapContext);
      });
      this.#ring = this.#openRing(facts.pageSize);
      this.#packets = this.#openPackets(facts);
      this.#attachments = new Attachments(object.config, {
        onlineCpus: facts.onlineCpus,
        addressOf: (symbol, module) => facts.functions?.address(symbol, module),
        ...(options.pid !== undefined && { pid: options.pid }),
      });
      if (options.isCostMeasured) this.#statisticsFd = enableStatistics();
    } catch (error) {
      this.#loaded.close();
      throw refusal('set up the session', error);
    }
  }

  async start(progress?: AttachProgress) {
    if (this.#state !== 'loaded') throw new Error(`cannot start a session that is ${this.#state}`);
    this.#state = 'running';
    try {
      this.#writeStartTime();
      this.#run((site) => site.provider === 'begin');
      const probes = await this.#attachments.attachAll(this.#loaded.programs, progress);
      if (this.#attachments.iterators.length > 0) this.finished = this.#runIterators().catch(() => undefined);
      return { probes, warnings: this.#attachments.warnings };
    } catch (error) {
      await this.close();
      throw refusal('start the script', error);
    }
  }

  poll(limit = Number.POSITIVE_INFINITY): readonly SessionEvent[] {
    if (this.#state === 'closed') return [];
    const events = this.#ring ? this.#events.drain(this.#ring, limit) : [];
    // Drained later but given out first: those from before an `exit` must not come behind it.
    return this.#packets?.hasData ? [...this.#packets.drain(), ...events] : events;
  }

  printDirectly(printerOf: (spec: ActionSpec) => RecordPrinter | undefined): void {
    this.#events.printDirectly(printerOf);
  }

  async wait(timeoutMs: number): Promise<void> {
    const deadline = uptimeMs() + timeoutMs;
    if (this.#hasData) {
      // A steady stream is read in portions that are worth it, also for whoever reads our output.
      await sleep(Math.min(STREAM_PAUSE_MS, timeoutMs));
      this.#pauseMs = SHORTEST_PAUSE_MS;
      return;
    }
    for (;;) {
      if (this.#hasData) {
        this.#pauseMs = SHORTEST_PAUSE_MS;
        return;
      }
      const remainingMs = deadline - uptimeMs();
      if (remainingMs <= 0 || this.#state === 'closed') return;
      await sleep(Math.min(this.#pauseMs, remainingMs));
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  snapshot(maps?: readonly string[]): Snapshot {
    return this.#snapshot(this.#readersOf(maps), (reader) => reader.snapshot());
  }

  watched(unread: ReadonlySet<string>): Snapshot {
    return this.#snapshot(this.#readers, (reader) => (unread.has(reader.name) ? reader.unread() : reader.watched()));
  }

  renamed(snapshot: Snapshot): Snapshot {
    if (this.#state === 'closed') return snapshot;
    return { ...snapshot, maps: snapshot.maps.map((map) => this.#readerOf(map.name)?.renamed(map) ?? map) };
  }

  printable(maps?: readonly string[]): readonly MapSnapshot[] {
    return this.#state === 'closed' ? [] : this.#readersOf(maps).map((reader) => reader.printable());
  }

  clear(map: string): void {
    if (this.#state === 'closed') return;
    this.#readerOf(map)?.clear();
    // Stacks outlive the keys that told of them, and a profile that is renewed for hours would end with no room for any.
    if (map !== soleStackHolder(this.object) || !this.#stacks.some(({ isFilling }) => isFilling)) return;
    for (const stacks of this.#stacks) stacks.empty();
  }

  zero(map: string): void {
    if (this.#state !== 'closed') this.#readerOf(map)?.zero();
  }

  unwatch(address: bigint): void {
    if (this.#state === 'running') this.#attachments.unwatch(address);
  }

  get lostEvents(): number {
    return this.#state === 'closed' ? this.#finalLosses : this.#slots.sum(this.object.lossCounter);
  }

  get unsentWarnings(): readonly UnsentWarnings[] {
    return this.object.actions.flatMap(({ action, occurrences }) => {
      const count = this.#slots.sum(occurrences, WARNINGS_SENT);
      return count > 0 ? [{ action, count }] : [];
    });
  }

  signal(name: string): void {
    if (this.#state === 'running') this.#run((site) => site.provider === 'self' && site.signal === name);
  }

  runByHand(testName: string, repeat: number): HandRun {
    for (const { fd, spec } of this.#loaded.programs) {
      const site = runSites(spec).find((candidate) => 'testName' in candidate && candidate.testName === testName);
      if (!site) continue;
      try {
        return spec.type === 'xdp' ? runRepeated(fd, repeat) : runOneByOne(fd, Math.min(repeat, MOST_SINGLE_RUNS));
      } catch (error) {
        throw refusal(`run ${site.name}`, error, site.span);
      }
    }
    throw new Error(`no probe test:${testName}`);
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopped';
    await this.#attachments.detach();
    if (this.#isOpen()) this.#run((site) => site.provider === 'end');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#finalLosses = this.lostEvents;
    this.#state = 'closed';
    // Memory goes first: a timer that still looks at it finds it empty.
    this.#ring?.close();
    this.#packets?.close();
    if (this.#statisticsFd !== undefined) closeDescriptor(this.#statisticsFd);
    for (const { meter } of this.#meters ?? []) meter.close();
    this.#loaded.close();
    await this.#attachments.close();
  }

  get #hasData(): boolean {
    return this.#ring?.hasData === true || this.#packets?.hasData === true;
  }

  #writeStartTime(): void {
    const { startTime } = this.object;
    if (startTime) this.#slots.view(startTime).setBigUint64(startTime.offset, readClock('boottime'), true);
  }

  /** Asked for after an await, when `close` may have come in between. */
  #isOpen(): boolean {
    return this.#state !== 'closed';
  }

  #run(isWanted: (site: AttachSite) => boolean): void {
    for (const { fd, spec } of this.#loaded.programs) {
      for (const site of runSites(spec).filter(isWanted)) {
        try {
          testRun(fd, spec.type === 'xdp' ? { data: TEST_PACKET } : {});
        } catch (error) {
          throw refusal(`run ${site.name}`, error, site.span);
        }
      }
    }
  }

  async #runIterators(): Promise<void> {
    const buffer = Buffer.alloc(1 << 16);
    for (const fd of this.#attachments.iterators) {
      while (this.#state === 'running') {
        const count = await readSome(fd, buffer).catch((error: NodeJS.ErrnoException) => {
          // The kernel pauses after a million objects (kernel/bpf/bpf_iter.c).
          if (error.code === 'EAGAIN') return 1;
          throw error;
        });
        if (count === 0) break;
      }
    }
  }

  #snapshot(readers: readonly MapReader[], read: (reader: MapReader) => MapSnapshot): Snapshot {
    return {
      timeMs: Date.now(),
      elapsedMs: uptimeMs() - this.#startedMs,
      maps: this.#state === 'closed' ? [] : readers.map(read),
      lostEvents: this.lostEvents,
      probes: this.#costs(),
    };
  }

  #readersOf(names?: readonly string[]): readonly MapReader[] {
    return names ? this.#readers.filter((reader) => names.includes(reader.name)) : this.#readers;
  }

  #costs(): readonly ProbeCost[] {
    if (this.#statisticsFd === undefined || this.#state === 'closed') return [];
    const now = uptimeMs();
    // A call per program: not at every one of several snapshots a second.
    if (now - this.#costsReadAtMs < COSTS_PAUSE_MS) return this.#probeCosts;
    this.#costsReadAtMs = now;
    this.#probeCosts = this.#readCosts();
    return this.#probeCosts;
  }

  #readCosts(): readonly ProbeCost[] {
    this.#meters ??= this.#loaded.programs.flatMap(({ fd, spec }) => {
      const sites = spec.attachments.flatMap(sitesOf);
      const [first] = sites;
      return first ? [{ name: first.name, sites: sites.length, meter: new ProgramMeter(fd) }] : [];
    });
    return this.#meters.map(({ name, sites, meter }) => ({ name, sites, ...meter.read() }));
  }

  #readerOf(name: string): MapReader | undefined {
    return this.#readers.find((reader) => reader.name === name);
  }

  #entriesOf(index: number, cpus: number): MapEntries {
    const fd = this.#loaded.maps[index];
    const spec = this.object.maps[index];
    if (fd === undefined || !spec) throw new Error(`no map ${index}`);
    return new MapEntries(fd, spec, cpus);
  }

  #openRing(pageSize: number): RingBuffer | undefined {
    const index = this.object.maps.findIndex((map) => map.kind === 'ringbuf');
    const fd = this.#loaded.maps[index];
    const spec = this.object.maps[index];
    return fd === undefined || !spec ? undefined : new RingBuffer(fd, spec.maxEntries, pageSize);
  }

  #openPackets({ onlineCpus, pageSize }: SessionOptions['facts']): PacketBuffers | undefined {
    const fd = this.#loaded.maps[this.object.maps.findIndex((map) => map.kind === 'perf_event_array')];
    if (fd === undefined) return undefined;
    const actions = this.object.actions.map(({ action }) => action);
    return new PacketBuffers(fd, onlineCpus, pageSize, actions);
  }

  #decodeContext(resolver: Resolver, maps: readonly number[], maxStacks?: number): DecodeContext {
    const validity = { untilMs: Number.POSITIVE_INFINITY };
    const stacks = new StackReader(this.object, maps, resolver, validity, maxStacks);
    this.#stacks.push(stacks);
    return {
      resolver,
      strTruncTrailer: this.object.config.strTruncTrailer,
      probeNames: this.object.probeNames,
      validity,
      stackFrames: (type, id, pid) => stacks.frames(type, id, pid),
    };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const readPromise = promisify(read);

async function readSome(fd: number, buffer: Buffer): Promise<number> {
  const { bytesRead } = await readPromise(fd, buffer, 0, buffer.length, null);
  return bytesRead;
}
