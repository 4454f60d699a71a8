/** What the dashboard's main thread and its naming thread say to each other. */

import type { PackedFunctions } from './kernel-functions.ts';
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
  /** Whether the kernel's functions are to be read. */
  readonly wantsKernel: boolean;
}

/** Answers come in the order of the questions; null: it has no name. */
export interface NameAnswer {
  readonly files: readonly (readonly (NamedPlace | null)[])[];
  readonly kernel?: PackedFunctions;
}
