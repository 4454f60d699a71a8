/** What the dashboard's main thread and its naming thread say to each other. */

import type { ReadFunctions } from './kernel-code.ts';
import type { NamedPlace } from './symbol-file.ts';

export interface FileQuestion {
  /** Device, inode, modification time and size: which file is meant. */
  readonly identity: string;
  readonly path: string;
  /** The file kept open by the one who asks, should the path be gone; threads share descriptors. */
  readonly descriptor: number;
  readonly offsets: readonly number[];
}

export interface NameQuestion {
  readonly files: readonly FileQuestion[];
  /** Which of the kernel's functions are to be read; `loaded`: those of modules and BPF programs. */
  readonly functions?: 'all' | 'loaded';
}

/** Answers come in the order of the questions; null: it has no name. */
export interface NameAnswer {
  readonly files: readonly (readonly (NamedPlace | null)[])[];
  readonly functions?: ReadFunctions;
}
