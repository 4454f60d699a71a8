/**
 * The kernel's functions for completion. Reading them takes the kernel and us half a second of CPU, too much between two
 * keys: another process of ours lists them, and until it has there are none.
 */

import { execFile } from 'node:child_process';
import type { FunctionFacts } from '../../src/kernel/facts.ts';

const MOST_BYTES = 64 << 20;

type NamedFunction = ReturnType<FunctionFacts['list']>[number];

/** FunctionNames is the list, empty at first. */
export class FunctionNames {
  readonly #load: () => Promise<string>;
  #list: readonly NamedFunction[] = [];
  #isAsked = false;

  /** Called when the names have come. */
  onLoaded: () => void = () => undefined;

  constructor(load: () => Promise<string> = listFunctions) {
    this.#load = load;
  }

  /** list starts loading when it is asked first. */
  list(): readonly NamedFunction[] {
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.#load().then(
        (text) => {
          this.#list = parseListing(text);
          this.onLoaded();
        },
        () => undefined, // no names, no offers
      );
    }
    return this.#list;
  }
}

/** `kprobe:function` and `kprobe:module:function`, a line each. */
function parseListing(text: string): readonly NamedFunction[] {
  return text.split('\n').flatMap((line) => {
    const [, first, second] = line.split(':');
    if (first === undefined) return [];
    return [second === undefined ? { name: first, module: 'vmlinux' } : { name: second, module: first }];
  });
}

function listFunctions(): Promise<string> {
  return new Promise((done, failed) => {
    const child = execFile(
      process.execPath,
      [process.argv[1] ?? '', '-l', 'kprobe:*'],
      { maxBuffer: MOST_BYTES },
      (error, stdout) => (error === null ? done(stdout) : failed(error)),
    );
    child.unref();
  });
}
