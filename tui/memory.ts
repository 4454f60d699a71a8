/**
 * How the dashboard keeps its memory small: it runs for hours beside what it watches. Starting leaves three times as much
 * garbage as there is data, and V8 collects old garbage late on purpose; a young generation of 32 MB serves nobody here.
 */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { collectGarbage } from '../native/collect-garbage.ts';
import { releaseFreeMemory } from '../native/memory.ts';

/** Room for new objects: a second's worth, so that most of it is garbage when it is looked through. */
const YOUNG_BYTES = 8 << 20;
const LOOK_MS = 5000;
const LOOKS_PER_TRIM = 12;
/**
 * For a program that does twenty milliseconds' work a second and rests. V8's memory reducer takes each rest for a chance to
 * collect everything, a tenth of a second long, and its optimizing compiler takes up to a tenth of a second for one large
 * function, in which no key is answered, and longer than that function ever saves if it runs once a refresh. So neither:
 * only small functions are optimized, of which large ones call many, with few others inlined and once they have run for
 * long; two cores gain nothing from sharing out the collection of two megabytes, and old objects are collected when they
 * have become three fifths more: looking through thirty megabytes takes a tenth of a second of a CPU, in other threads.
 * Ink's layout engine, which works for keys only, stays as it is compiled at first, too: compiled anew it took 25 ms of the
 * second key's time.
 */
const FLAGS = [
  '--no-memory-reducer',
  '--heap-growing-percent=60',
  '--interrupt-budget=600000',
  '--max-optimized-bytecode-size=500',
  '--max-inlined-bytecode-size-cumulative=200',
  '--no-parallel-scavenge',
  '--semi-space-growth-factor=2',
  '--liftoff-only',
  '--no-wasm-tier-up',
  '--no-wasm-dynamic-tiering',
];

/** calmEngine has V8 do less on its own account from now on: optimizing a function takes longer than a key may wait. */
export function calmEngine(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}

/**
 * What a full collection leaves lies in pages with holes, which one that has memory rather than time in mind closes: it
 * empties pages of which a fifth is free, not only those of which most is. Twenty megabytes of holes would gather within
 * minutes otherwise. But it also gives the young generation's pages back, so that the next collections start with asking
 * for new ones, and forgets the shapes of objects that a refresh makes anew: if each were of this kind, the dashboard would
 * take a sixth more. Every so many of them are.
 */
const TIDY_EVERY = 4;
const TIDY = '--optimize-for-size';
const QUICK = '--no-optimize-for-size';

let fullCollections = 0;
/** V8 tells of objects that are gone after full collections only. */
const onFullCollection = new FinalizationRegistry<undefined>(() => {
  setFlagsFromString(++fullCollections % TIDY_EVERY === 0 ? TIDY : QUICK);
  awaitFullCollection();
});

function awaitFullCollection(): void {
  onFullCollection.register({}, undefined);
}

/** spareMemory collects what the start left behind, tens of milliseconds long, and keeps memory small from then on. */
export function spareMemory(): void {
  collectGarbage();
  releaseFreeMemory();
  awaitFullCollection();
  let looks = 0;
  setInterval(() => {
    limitYoungGeneration();
    // Threads that end, and files that were read, leave holes.
    if (++looks % LOOKS_PER_TRIM === 0) releaseFreeMemory();
  }, LOOK_MS).unref();
}

let isGrowing = true;

/** Its largest size is fixed when Node.js starts; how fast it grows is not. */
function limitYoungGeneration(): void {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  const mayGrow = young === undefined || young.space_size < YOUNG_BYTES;
  if (mayGrow === isGrowing) return;
  isGrowing = mayGrow;
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
}
