/**
 * Hooks loaded programs up to their sites and off again. Links go first when detaching, in threads side by side: each
 * waits for a grace period, after which no program runs any more. The bare perf events behind them are left to the kernel.
 */

import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { abandonDescriptors } from '../../native/abandon.ts';
import {
  type KprobeMultiOptions,
  linkIterator,
  linkKprobeMulti,
  linkPerfEvent,
  linkUprobeMulti,
  openIterator,
  openRawTracepoint,
  pinDescriptor,
} from '../../native/links.ts';
import { disablePerfEvent, enablePerfEvent, openPerfEvent } from '../../native/perf.ts';
import { closeDescriptor, closeInThread } from '../../native/syscall.ts';
import type { Attachment, ProgramSpec } from '../codegen/object.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AttachSite, ProgramConfig } from '../semantics/program.ts';
import type { LoadedProgram } from './loader.ts';
import { type PerfScope, perfEventsOf } from './perf-sites.ts';
import { attachFinding } from './refusals.ts';
import { type AttachProgress, SessionError } from './session.ts';
import { uptimeMs } from './uptime.ts';

const BPF_FILE_SYSTEM = '/sys/fs/bpf';
/** Attaching gives way to signals and keys this often. */
const YIELD_MS = 50;
/** Threads that close links at a time. */
const CLOSING_THREADS = 64;

type OfKind<K extends Attachment['kind']> = Extract<Attachment, { readonly kind: K }>;

/** Providers whose sites attach first and in program order; the others follow in reverse (language.md §11). */
const FIRST: readonly AttachSite['provider'][] = [
  'tracepoint',
  'kretprobe',
  'profile',
  'interval',
  'software',
  'hardware',
  'watchpoint',
  'rawtracepoint',
];

export interface AttachScope extends PerfScope {
  /** Where a kernel function lies; undefined where the kernel does not show it. */
  readonly addressOf?: (symbol: string, module: string) => bigint | undefined;
}

export class Attachments {
  readonly warnings: Diagnostic[] = [];
  readonly #config: ProgramConfig;
  readonly #scope: AttachScope;
  readonly #links: number[] = [];
  /** Enabled only once everything is attached, so that all sites start together. */
  readonly #events: number[] = [];
  readonly #iterators: number[] = [];
  readonly #watchpoints = new Map<bigint, readonly { readonly event: number; readonly link: number }[]>();
  readonly #pins: string[] = [];
  #isClosed = false;

  constructor(config: ProgramConfig, scope: AttachScope) {
    this.#config = config;
    this.#scope = scope;
  }

  /** Descriptors that run an iterator when read. */
  get iterators(): readonly number[] {
    return this.#iterators;
  }

  /** attachAll attaches every site and resolves with how many there are. Throws SessionError. Ends early when closed. */
  async attachAll(programs: readonly LoadedProgram[], progress?: AttachProgress): Promise<number> {
    const all = inOrder(programs);
    const total = all.reduce((sum, { attachment }) => sum + sitesOf(attachment).length, 0);
    let sites = 0;
    let yieldedMs = uptimeMs();
    for (const { program, attachment } of all) {
      if (this.#isClosed) return sites;
      sites += this.#attach(program.fd, attachment);
      if (uptimeMs() - yieldedMs < YIELD_MS) continue;
      progress?.(sites, total);
      await new Promise((resolve) => setImmediate(resolve));
      yieldedMs = uptimeMs();
    }
    for (const fd of this.#events) enablePerfEvent(fd);
    return sites;
  }

  /** detach stops all programs from being run. */
  async detach(): Promise<void> {
    for (const path of this.#pins.splice(0)) rmSync(path, { force: true });
    for (const fd of this.#iterators.splice(0)) closeDescriptor(fd);
    const links = this.#links.splice(0);
    const size = Math.max(1, Math.ceil(links.length / CLOSING_THREADS));
    const chunks = Array.from({ length: Math.ceil(links.length / size) }, (_, index) =>
      links.slice(index * size, (index + 1) * size),
    );
    await Promise.all(chunks.map((chunk) => closeInThread(chunk)));
  }

  /** unwatch takes off the watchpoints on an address. */
  unwatch(address: bigint): void {
    for (const { event, link } of this.#watchpoints.get(address) ?? []) {
      if (!this.#events.includes(event)) continue;
      this.#events.splice(this.#events.indexOf(event), 1);
      this.#links.splice(this.#links.indexOf(link), 1);
      disablePerfEvent(event);
      closeDescriptor(link);
      closeDescriptor(event);
    }
    this.#watchpoints.delete(address);
  }

  /** close gives up everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const events = this.#events.splice(0);
    for (const fd of events) disablePerfEvent(fd);
    await this.detach();
    await abandonDescriptors(events);
  }

  /** Number of sites attached; those that fail are reported as the script's `missing_probes` says. */
  #attach(programFd: number, attachment: Attachment): number {
    switch (attachment.kind) {
      case 'run':
        return attachment.sites.length;
      case 'rawTracepointBtf':
        return this.#guard(attachment.sites, () => this.#links.push(openRawTracepoint(programFd)));
      case 'rawTracepoint':
        return this.#guard(attachment.sites, () =>
          this.#links.push(openRawTracepoint(programFd, attachment.event, attachment.cookie)),
        );
      case 'perf':
        return this.#guard([attachment.site], () => this.#attachPerf(programFd, attachment));
      case 'kprobeMulti':
        return this.#attachMany(attachment.sites, (sites) => this.#attachKprobes(programFd, attachment, sites));
      case 'kprobeSession':
        return 2 * this.#attachMany(attachment.sites, (sites) => this.#attachSession(programFd, attachment, sites));
      case 'uprobeMulti':
        return groupByFile(attachment.sites).reduce(
          (count, group) =>
            count + this.#attachMany(group, (sites) => this.#attachUprobes(programFd, attachment, sites)),
          0,
        );
      case 'trampoline':
        return this.#guard([attachment.site], () => this.#links.push(openRawTracepoint(programFd)));
      case 'iterator':
        return this.#guard([attachment.site], () => this.#attachIterator(programFd, attachment.site));
    }
  }

  #attachPerf(programFd: number, attachment: OfKind<'perf'>): void {
    for (const options of perfEventsOf(attachment.site, this.#scope)) {
      const eventFd = openPerfEvent(options);
      this.#events.push(eventFd);
      const link = linkPerfEvent(programFd, eventFd, attachment.cookie ?? 0n);
      this.#links.push(link);
      const { site } = attachment;
      if (site.provider !== 'watchpoint') continue;
      const known = this.#watchpoints.get(site.address) ?? [];
      this.#watchpoints.set(site.address, [...known, { event: eventFd, link }]);
    }
  }

  #attachKprobes(programFd: number, attachment: OfKind<'kprobeMulti' | 'uprobeMulti'>, sites: readonly AttachSite[]) {
    const link = linkKprobeMulti(programFd, {
      ...this.#functionsOf(sites),
      cookies: sites.map((site) => BigInt(site.nameId)),
      isReturn: attachment.isReturn,
    });
    this.#links.push(link);
  }

  #attachSession(programFd: number, attachment: OfKind<'kprobeSession'>, sites: readonly AttachSite[]) {
    const returnOf = new Map(attachment.sites.map((site, index) => [site, attachment.returnSites[index]]));
    const link = linkKprobeMulti(programFd, {
      ...this.#functionsOf(sites),
      cookies: sites.map((site) => BigInt(site.nameId) | (BigInt(returnOf.get(site)?.nameId ?? 0) << 32n)),
      isSession: true,
    });
    this.#links.push(link);
  }

  /** The kernel takes the first function of a name: those of modules are told apart by their addresses, where it shows them. */
  #functionsOf(sites: readonly AttachSite[]): Pick<KprobeMultiOptions, 'symbols' | 'addresses'> {
    const functions = sites.flatMap((site) =>
      site.provider === 'kprobe' || site.provider === 'kretprobe' ? site : [],
    );
    const symbols = functions.map((site) => site.symbol);
    const { addressOf } = this.#scope;
    if (addressOf === undefined || functions.every((site) => site.module === undefined)) return { symbols };
    const addresses = functions.map((site) => addressOf(site.symbol, site.module ?? 'vmlinux'));
    const known = addresses.filter((address) => address !== undefined);
    return known.length === symbols.length ? { addresses: known } : { symbols };
  }

  #attachUprobes(programFd: number, attachment: OfKind<'kprobeMulti' | 'uprobeMulti'>, sites: readonly AttachSite[]) {
    const [first] = sites;
    if (!first || !('path' in first)) throw new Error('uprobe_multi needs sites in files');
    const pid = first.pid ?? this.#scope.pid;
    const link = linkUprobeMulti(programFd, {
      path: first.path,
      offsets: sites.map((site) => ('fileOffset' in site ? site.fileOffset : 0n)),
      cookies: sites.map((site) => BigInt(site.nameId)),
      semaphores: sites.map((site) => ('semaphoreOffset' in site ? site.semaphoreOffset : 0n)),
      isReturn: attachment.isReturn,
      ...(pid !== undefined && { pid }),
    });
    this.#links.push(link);
  }

  /** A pinned iterator is run by whoever reads the file; the others are read here. */
  #attachIterator(programFd: number, site: AttachSite): void {
    const link = linkIterator(programFd);
    this.#links.push(link);
    if (site.provider === 'iter' && site.pin !== undefined) {
      const path = resolve(BPF_FILE_SYSTEM, site.pin);
      pinDescriptor(link, path);
      this.#pins.push(path);
    } else {
      this.#iterators.push(openIterator(link));
    }
  }

  /** A multi link fails as a whole; halving finds the sites to blame in few calls. */
  #attachMany(sites: readonly AttachSite[], attach: (sites: readonly AttachSite[]) => void): number {
    if (sites.length <= 1) return this.#guard(sites, () => attach(sites));
    try {
      attach(sites);
      return sites.length;
    } catch {
      const middle = sites.length >> 1;
      return this.#attachMany(sites.slice(0, middle), attach) + this.#attachMany(sites.slice(middle), attach);
    }
  }

  #guard(sites: readonly AttachSite[], attach: () => void): number {
    try {
      attach();
      return sites.length;
    } catch (error) {
      const [site] = sites;
      if (!site) throw error;
      const { missingProbes } = this.#config;
      if (missingProbes === 'error') {
        throw new SessionError([attachFinding('error', site, error)], { cause: error });
      }
      if (missingProbes === 'warn') this.warnings.push(attachFinding('warning', site, error));
      return 0;
    }
  }
}

function inOrder(programs: readonly LoadedProgram[]) {
  const all = programs.flatMap((program) =>
    program.spec.attachments.map((attachment) => ({ program, attachment, provider: providerOf(attachment) })),
  );
  const first = all.filter(({ provider }) => provider && FIRST.includes(provider));
  const rest = all.filter(({ provider }) => !provider || !FIRST.includes(provider));
  return [...first, ...rest.reverse()];
}

function providerOf(attachment: Attachment): AttachSite['provider'] | undefined {
  return sitesOf(attachment)[0]?.provider;
}

/** sitesOf lists the sites of an attachment, whichever way it holds them. */
export function sitesOf(attachment: Attachment): readonly AttachSite[] {
  if ('site' in attachment) return [attachment.site];
  return attachment.kind === 'kprobeSession' ? [...attachment.sites, ...attachment.returnSites] : attachment.sites;
}

/** runSites lists the sites that a program is run for by hand: begin, end, self. */
export function runSites(spec: ProgramSpec): readonly AttachSite[] {
  return spec.attachments.flatMap((attachment) => (attachment.kind === 'run' ? attachment.sites : []));
}

function groupByFile(sites: readonly AttachSite[]): readonly (readonly AttachSite[])[] {
  const groups = new Map<string, AttachSite[]>();
  for (const site of sites) {
    const key = 'path' in site ? `${site.path}\0${site.pid ?? ''}` : '';
    const group = groups.get(key);
    if (group) group.push(site);
    else groups.set(key, [site]);
  }
  return [...groups.values()];
}
