/**
 * Where headers come from: the directories of -I, the script's own, the system's; for the few that belong to a
 * compiler, texts of ours. The kernel's headers are seldom installed: BTF answers for them, so their absence is no
 * error.
 */

import { dirname, isAbsolute, join } from 'node:path';
import { LIVE_FILES, type ScriptFiles } from '../files.ts';

export interface HeaderOptions {
  /** Directories of -I. */
  readonly includeDirectories?: readonly string[];
  /** Directory of the script, for `#include "…"`. */
  readonly scriptDirectory?: string;
  readonly files?: ScriptFiles;
  readonly architecture?: 'x86_64' | 'aarch64';
}

const SYSTEM_DIRECTORIES: readonly string[] = ['/usr/local/include', '/usr/include'];

const MULTIARCH: Readonly<Record<'x86_64' | 'aarch64', string>> = {
  x86_64: '/usr/include/x86_64-linux-gnu',
  aarch64: '/usr/include/aarch64-linux-gnu',
};

/** What a compiler brings along. */
const BUILTIN_HEADERS: ReadonlyMap<string, string> = new Map([
  [
    'stddef.h',
    `typedef unsigned long size_t; typedef long ptrdiff_t; typedef int wchar_t;
#define NULL 0
`,
  ],
  ['stdarg.h', 'typedef __builtin_va_list va_list; typedef __builtin_va_list __gnuc_va_list;\n'],
  ['stdbool.h', '#define bool _Bool\n'],
  ['float.h', ''],
  ['limits.h', '#define CHAR_BIT 8\n#define INT_MAX 2147483647\n#define UINT_MAX 4294967295\n#define PATH_MAX 4096\n'],
  ['stdalign.h', ''],
  ['stdnoreturn.h', ''],
  ['iso646.h', ''],
]);

/** Without headers of the C library these still give the names everyone uses. */
const FALLBACK_HEADERS: ReadonlyMap<string, string> = new Map([
  ['stdint.h', ''],
  ['inttypes.h', ''],
  ['sys/types.h', ''],
]);

const KERNEL_DIRECTORIES =
  /^(?:linux|asm|asm-generic|uapi|net|scsi|trace|crypto|sound|drm|block|acpi|media|rdma|xen|video|kunit|vdso|generated|bpf|target|soc|dt-bindings|keys|kvm|memory|misc|ras|pcmcia|mtd|math-emu|clocksource|cxl|fs|kernel|mm|drivers|arch|security|ipc|io_uring)\//;

/** isKernelHeader is true of headers whose types BTF knows. */
export function isKernelHeader(name: string): boolean {
  return KERNEL_DIRECTORIES.test(name) || name === 'vmlinux.h';
}

export interface Header {
  /** Names the header's text uniquely: read twice it may still guard itself. */
  readonly path: string;
  readonly text: string;
}

const MOST_BYTES = 4 << 20;

/** findHeader gives a header's text; `from` is the path of the file that asks. */
export function findHeader(
  name: string,
  isQuoted: boolean,
  from: string | undefined,
  options: HeaderOptions,
): Header | undefined {
  const files = options.files ?? LIVE_FILES;
  const builtin = BUILTIN_HEADERS.get(name);
  const directories = [
    ...(isQuoted && from !== undefined ? [dirname(from)] : []),
    ...(isQuoted && options.scriptDirectory !== undefined ? [options.scriptDirectory] : []),
    ...(options.includeDirectories ?? []),
  ];
  for (const directory of isAbsolute(name) ? [''] : directories) {
    const header = readHeader(join(directory, name), files);
    if (header) return header;
  }
  if (builtin !== undefined) return { path: `<${name}>`, text: builtin };
  for (const directory of isAbsolute(name)
    ? []
    : [...SYSTEM_DIRECTORIES, MULTIARCH[options.architecture ?? 'x86_64']]) {
    const header = readHeader(join(directory, name), files);
    if (header) return header;
  }
  const fallback = FALLBACK_HEADERS.get(name);
  return fallback === undefined ? undefined : { path: `<${name}>`, text: fallback };
}

function readHeader(path: string, files: ScriptFiles): Header | undefined {
  if (files.kindOf(path) !== 'file') return undefined;
  const bytes = files.read(path);
  if (typeof bytes === 'string' || bytes.length > MOST_BYTES) return undefined;
  return { path, text: new TextDecoder().decode(bytes) };
}
