/**
 * C++ and Rust names made readable, by the demanglers the Firefox profiler uses, compiled to WebAssembly (0.5 MB, loaded with
 * the first mangled name in about 8 ms). Names come from traced binaries: a name the demangler chokes on stays as it is.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as glue from 'gecko-profiler-demangle/index_bg.js';

const MAX_LENGTH = 16_384;
const MAX_REMEMBERED = 20_000;
const remembered = new Map<string, string>();
let state: 'unloaded' | 'loaded' | 'failed' = 'unloaded';

/** isMangled tells whether a name looks like the work of a C++ or Rust compiler. */
export function isMangled(name: string): boolean {
  return /^_{1,3}[ZR]/.test(name);
}

/** demangle gives the readable form of a mangled name, and any other name back. */
export function demangle(name: string): string {
  if (!isMangled(name) || name.length > MAX_LENGTH) return name;
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const readable = demangleAny(name);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(name, readable);
  return readable;
}

function demangleAny(name: string): string {
  if (state === 'unloaded') state = load() ? 'loaded' : 'failed';
  if (state === 'failed') return name;
  try {
    const readable = glue.demangle_any(name);
    // From names that it does not understand it takes macOS's underscore.
    return readable === name.slice(1) ? name : readable;
  } catch {
    // A trap leaves the instance in an unknown state; the next name gets a new one.
    state = 'unloaded';
    return name;
  }
}

/** The part of the global that is used; TypeScript has it in its library for browsers only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: { readonly __wbindgen_start: () => void } };
}

function load(): boolean {
  try {
    const path = createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm');
    const { Module, Instance }: WebAssemblyApi = Reflect.get(globalThis, 'WebAssembly');
    const instance = new Instance(new Module(readFileSync(path)), {
      './index_bg.js': { ...glue },
    });
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return true;
  } catch {
    return false;
  }
}
