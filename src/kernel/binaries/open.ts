/** The way to the facts about binaries, which are loaded with the first question: most scripts probe the kernel only. */

import type { BinaryFacts } from '../facts.ts';
import { LiveBinaryFacts } from './binary-facts.ts';

/** openBinaryFacts gives the facts of the file system; nothing is read yet. */
export function openBinaryFacts(): BinaryFacts {
  return new LiveBinaryFacts();
}
