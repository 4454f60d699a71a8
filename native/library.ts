/**
 * The two shared libraries behind everything here, opened on first use: libbpf and libc, by ffi-rs. One call costs
 * microseconds, so callers batch. A library that is missing or too old is one typed error that names the package.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type Ffi = typeof import('ffi-rs');
type Library = 'libbpf' | 'libc';

/** What an argument is to C; a pointer to memory of ours is passed as the Buffer itself. */
export type ArgumentType = 'i32' | 'u32' | 'i64' | 'string' | 'buffer';

export type Argument = readonly [type: ArgumentType, value: number | string | Uint8Array];

/** Wherever the loader finds it: the soname is what distributions keep stable. */
const FILES: Record<Library, string> = {
  libbpf: 'libbpf.so.1',
  libc: 'libc.so.6',
};

const INSTALL_COMMANDS: Record<string, string> = {
  debian: 'apt-get install libbpf1',
  ubuntu: 'apt-get install libbpf1',
  fedora: 'dnf install libbpf',
  rhel: 'dnf install libbpf',
  centos: 'dnf install libbpf',
  amzn: 'dnf install libbpf',
  suse: 'zypper install libbpf1',
  opensuse: 'zypper install libbpf1',
  arch: 'pacman -S libbpf',
  alpine: 'apk add libbpf',
  gentoo: 'emerge dev-libs/libbpf',
};

/** LibraryError says that a shared library is missing or too old, and how to get it on this distribution. */
export class LibraryError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LibraryError';
    this.hint = hint;
  }
}

const require = createRequire(import.meta.url);
let ffi: Ffi | undefined;
const opened = new Set<Library>();

/** foreign gives ffi-rs itself; only for memory.ts, which needs pointers as such. */
export function foreign(): Ffi {
  ffi ??= loadForeign();
  return ffi;
}

/**
 * ffi-rs reads the whole diagnostic report of Node.js, which takes milliseconds, to learn which C library it runs on. It
 * is told glibc; where that is wrong its file does not load, and it may look for itself.
 */
function loadForeign(): Ffi {
  const { getReport } = process.report;
  process.report.getReport = () => ({ header: { glibcVersionRuntime: 'likely' } });
  try {
    return require('ffi-rs') as Ffi;
  } catch {
    process.report.getReport = getReport;
    return require('ffi-rs') as Ffi;
  } finally {
    process.report.getReport = getReport;
  }
}

/** callLibbpf calls a function that returns an int; libbpf 1 returns errors as negative errno. */
export function callLibbpf(name: string, args: readonly Argument[]): number {
  openLibrary('libbpf');
  return invoke('libbpf', name, 'i32', args);
}

/** PreparedCall calls one function again and again; pointers are addresses of memory that the caller keeps (`struct.ts`). */
export type PreparedCall = (...values: readonly number[]) => number;

/**
 * prepareLibbpf is `callLibbpf` for what is called at every refresh: with numbers in a description that is kept, ffi-rs takes
 * half of the time that it takes for buffers.
 */
export function prepareLibbpf(name: string, types: readonly ('i32' | 'i64')[]): PreparedCall {
  openLibrary('libbpf');
  const lib = foreign();
  const { I32, I64 } = lib.DataType;
  const call = {
    library: 'libbpf',
    funcName: name,
    retType: I32,
    paramsType: types.map((type) => (type === 'i32' ? I32 : I64)),
    paramsValue: types.map(() => 0),
  };
  return (...values) => {
    call.paramsValue = values as number[];
    return Number(lib.load(call));
  };
}

/** callLibc calls a function that returns a long, and gives errno where that is -1. */
export function callLibc(name: string, args: readonly Argument[]): { readonly value: number; readonly errno: number } {
  openLibrary('libc');
  const lib = foreign();
  const result = lib.load({
    ...signature(lib, 'libc', name, args),
    retType: lib.DataType.I64,
    errno: true as const,
  });
  return {
    value: result.value,
    errno: result.value === -1 ? result.errnoCode : 0,
  };
}

/** callLibcInThread is `callLibc` for what blocks: it runs in a thread of its own. */
export async function callLibcInThread(name: string, args: readonly Argument[]): Promise<number> {
  openLibrary('libc');
  const lib = foreign();
  return lib.load({
    ...signature(lib, 'libc', name, args),
    retType: lib.DataType.I64,
    runInNewThread: true,
  });
}

/** addressFrom returns what a libc function gives back as a pointer, as a number: user addresses have 47 to 52 bits. */
export function addressFrom(name: string, args: readonly Argument[]): number {
  openLibrary('libc');
  return invoke('libc', name, 'i64', args);
}

/** installCommand names the command that installs libbpf, by the text of /etc/os-release. */
export function installCommand(osRelease: string): string {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(
    (match) => match[1]?.split(' ') ?? [],
  );
  for (const id of ids) {
    const command = INSTALL_COMMANDS[id] ?? INSTALL_COMMANDS[id.replace(/-.*/, '')];
    if (command) return command;
  }
  return 'install the package that has libbpf.so.1 (libbpf 1.0 or newer)';
}

/** openLibrary opens the library if it is not yet; callers need it only to fail early. */
export function openLibrary(library: Library): void {
  if (opened.has(library)) return;
  const lib = foreign();
  const path = FILES[library];
  try {
    lib.open({ library, path });
  } catch (cause) {
    const command = installCommand(readOsRelease());
    throw new LibraryError(`${path} not found`, library === 'libbpf' ? `install it: ${command}` : String(cause), {
      cause,
    });
  }
  opened.add(library);
}

function invoke(library: Library, name: string, returns: 'i32' | 'i64', args: readonly Argument[]): number {
  const lib = foreign();
  try {
    return lib.load({
      ...signature(lib, library, name, args),
      retType: returns === 'i32' ? lib.DataType.I32 : lib.DataType.I64,
    });
  } catch (cause) {
    if (library !== 'libbpf') throw cause;
    const command = installCommand(readOsRelease());
    throw new LibraryError(`${FILES.libbpf} is too old: it has no ${name}`, `upgrade it: ${command}`, { cause });
  }
}

function signature(lib: Ffi, library: Library, funcName: string, args: readonly Argument[]) {
  const types = {
    i32: lib.DataType.I32,
    u32: lib.DataType.U32,
    i64: lib.DataType.I64,
    string: lib.DataType.String,
    buffer: lib.DataType.U8Array,
  };
  return {
    library,
    funcName,
    paramsType: args.map(([type]) => types[type]),
    paramsValue: args.map(([, value]) => value),
  };
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
