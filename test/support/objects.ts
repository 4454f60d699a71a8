/** BPF objects made by hand, for tests of the session that must not depend on the compiler. */

import { readFileSync } from 'node:fs';
import type { BpfObject, ProgramSpec } from '../../src/codegen/object.ts';
import type { Span } from '../../src/diagnostics/diagnostic.ts';
import type { Action, AttachSite, MapSymbol, ProgramConfig } from '../../src/semantics/program.ts';
import type { Type } from '../../src/semantics/types.ts';
import type { SessionOptions } from '../../src/session/open-session.ts';

export const SPAN: Span = { source: { name: 'stdin', text: '' }, start: 0, end: 0 };

export const U32: Type = { kind: 'integer', bits: 32, isSigned: false };
export const U64: Type = { kind: 'integer', bits: 64, isSigned: false };
export const I64: Type = { kind: 'integer', bits: 64, isSigned: true };

export const CONFIG: ProgramConfig = {
  license: 'GPL',
  maxMapKeys: 4096,
  maxStrlen: 1024,
  maxProbes: 1024,
  maxBpfProgs: 1024,
  maxCatBytes: 10240,
  onStackLimit: 32,
  logSize: 1_000_000,
  printMapsOnExit: true,
  strTruncTrailer: '..',
  stackMode: 'bpftrace',
  missingProbes: 'error',
  cppDemangle: true,
  lazySymbolication: true,
  cacheUserSymbols: 'PER_PID',
  showDebugInfo: true,
  runtimeWarnings: false,
};

export function object(parts: Partial<BpfObject>): BpfObject {
  return {
    config: CONFIG,
    maps: [],
    programs: [],
    btf: new Uint8Array(0),
    userMaps: [],
    actions: [],
    probeNames: [],
    ...parts,
  };
}

export function program(
  code: Pick<ProgramSpec, 'instructions' | 'relocations'>,
  parts: Partial<ProgramSpec> & Pick<ProgramSpec, 'attachments'>,
): ProgramSpec {
  return { name: 'test', type: 'raw_tracepoint', ...code, lines: [], functions: [], ...parts };
}

export function symbol(name: string, valueType: Type, keyType?: Type): MapSymbol {
  return { id: 0, name, valueType, storage: 'auto', maxEntries: 4096, span: SPAN, ...(keyType && { keyType }) };
}

/** The part of a site that all providers share. */
export const site = (name: string, nameId = 0) => ({ name, nameId, span: SPAN });

export const BEGIN: AttachSite = { ...site('begin'), provider: 'begin' };
export const END: AttachSite = { ...site('end'), provider: 'end' };

export function printAction(id: number, args: readonly Type[]): Action {
  return { kind: 'print', id, args, span: SPAN };
}

/** The number of a tracepoint, as perf_event_open wants it. */
export function tracepointId(category: string, event: string): number {
  return Number(readFileSync(`/sys/kernel/tracing/events/${category}/${event}/id`, 'utf8'));
}

function cpus(file: string): readonly number[] {
  return readFileSync(`/sys/devices/system/cpu/${file}`, 'utf8')
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
    });
}

/** Read lazily: pure tests have no such files to count on. */
export const systemFacts = (): SessionOptions['facts'] => ({
  possibleCpus: cpus('possible').length,
  onlineCpus: cpus('online'),
  pageSize: 4096,
});
