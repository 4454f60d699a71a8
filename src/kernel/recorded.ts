/**
 * RecordedFacts: the twin of LiveFacts for tests and other machines. It answers from a folder that
 * test/fixtures/record-kernel.ts wrote: a cut-out of BTF and the texts of tracefs and kallsyms, read by the same code
 * that reads the live ones. What the fixture does not hold (binaries, missing features) a test gives by hand.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { typesOfBytes } from './btf/sources.ts';
import { BtfTypeFacts } from './btf/type-facts.ts';
import type { BinaryFacts, FeatureFacts, KernelFacts } from './facts.ts';
import { TextFunctionFacts } from './functions.ts';
import { TextTracepointFacts } from './tracefs/tracepoint-facts.ts';

/** What the recorder writes besides BTF. */
export interface RecordedTexts {
  readonly architecture: KernelFacts['architecture'];
  readonly possibleCpus: number;
  readonly onlineCpus: readonly number[];
  readonly pageSize: number;
  /** As available_events. */
  readonly events: string;
  /** `category:event` → the format file without its print format. */
  readonly formats: Readonly<Record<string, string>>;
  /** As /proc/kallsyms, a part of it. */
  readonly kallsyms: string;
}

/** Parts of the facts that a test replaces. */
export type FactOverrides = Partial<KernelFacts>;

export const BTF_FILE = 'kernel.btf.br';
export const TEXTS_FILE = 'kernel.json.br';

/** openRecordedFacts reads a recorded folder. */
export function openRecordedFacts(folder: string, overrides: FactOverrides = {}): KernelFacts {
  const texts = JSON.parse(unpack(join(folder, TEXTS_FILE)).toString('utf8')) as RecordedTexts;
  const kernel = typesOfBytes('vmlinux', unpack(join(folder, BTF_FILE)));
  const types = new BtfTypeFacts({
    vmlinux: () => kernel,
    moduleNames: () => [],
    module: () => undefined,
    problem: () => undefined,
  });
  return {
    architecture: texts.architecture,
    possibleCpus: texts.possibleCpus,
    onlineCpus: texts.onlineCpus,
    pageSize: texts.pageSize,
    types,
    tracepoints: new TextTracepointFacts(
      { events: () => texts.events, format: (category, event) => texts.formats[`${category}:${event}`] },
      types,
    ),
    functions: new TextFunctionFacts(
      { available: () => undefined, kallsyms: () => Buffer.from(texts.kallsyms, 'latin1') },
      types,
    ),
    binaries: NO_BINARIES,
    features: {
      hasHelper: () => true,
      hasMapKind: () => true,
      hasKfunc: (name) => types.function(name) !== undefined,
      has: () => true,
    } satisfies FeatureFacts,
    problems: () => [],
    ...overrides,
  };
}

/** NO_BINARIES knows no file. */
export const NO_BINARIES: BinaryFacts = {
  resolve: () => [],
  targets: () => [],
  symbols: () => [],
  usdt: () => [],
  fileOffset: () => undefined,
  mappedAt: (path) => ({ path, offset: 0n }),
  functionType: () => undefined,
  sourceLines: () => [],
};

function unpack(path: string): Buffer {
  return brotliDecompressSync(readFileSync(path));
}
