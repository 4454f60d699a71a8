import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CComposite } from '../../../src/ctype/ctype.ts';
import { buildIndex } from '../../../src/kernel/btf/build-index.ts';
import { cacheDirectory, openCachedIndex } from '../../../src/kernel/btf/cache.ts';
import { BtfImage } from '../../../src/kernel/btf/image.ts';
import { openSystemBtf, typesOfBytes } from '../../../src/kernel/btf/sources.ts';
import { writeCachedIndex } from '../../../src/kernel/btf/store-index.ts';
import { BtfBuilder } from '../../support/btf-builder.ts';

const root = mkdtempSync(join(tmpdir(), 'bptop-cache-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'c'));
});

const key = Int32Array.of(1, 2, -3);
const otherKey = Int32Array.of(1, 2, 3);
const built = buildIndex(new BtfImage(blob()));

function blob(size = 4, count = 3000): Buffer {
  const btf = new BtfBuilder();
  const int = btf.integer('int', size, 1);
  for (let index = 0; index < count; index++) btf.struct(`struct_${index}`, size, [['x', int, 0]]);
  return btf.bytes();
}

/** An ELF note. */
function note(name: string, type: number, content: string): Buffer {
  const header = Buffer.from(Int32Array.of(name.length + 1, content.length, type).buffer);
  const padded = (text: string) => Buffer.from(text.padEnd((text.length + 3) & ~3, '\0'));
  return Buffer.concat([header, padded(`${name}\0`), padded(content)]);
}

function concat(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function storedPath(): string {
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

/** All words as a reader gets them; undefined where no index is found. */
function readAll(ofKey = key): number[] | undefined {
  const stored = openCachedIndex(folder, ofKey, () => new Int32Array());
  return stored && Array.from(built.words, (_, index) => stored.word(index));
}

test('what is written is read', () => {
  writeCachedIndex(folder, key, built);
  expect(openCachedIndex(folder, key, () => built.words)?.shape).toEqual(built.shape);
  expect(readAll()).toEqual([...built.words]);
});

test('nothing is there at first', () => expect(readAll()).toBeUndefined());

test('another kernel does not see it', () => {
  writeCachedIndex(folder, key, built);
  expect(readAll(otherKey)).toBeUndefined();
  expect(readAll(key.subarray(0, 2))).toBeUndefined();
});

test('a file under another key’s name is not believed', () => {
  writeCachedIndex(folder, otherKey, built);
  const otherPath = storedPath();
  writeCachedIndex(folder, key, built);
  const ownPath = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => path !== otherPath);
  writeFileSync(ownPath ?? '', readFileSync(otherPath));
  expect(readAll()).toBeUndefined();
});

describe('damage', () => {
  const isRefusedOrRebuilt = () => {
    const rebuild = vi.fn(() => built.words);
    const stored = openCachedIndex(folder, key, rebuild);
    if (stored === undefined) return true;
    const read = Array.from(built.words, (_, index) => stored.word(index));
    return rebuild.mock.calls.length === 1 && read.join() === built.words.join();
  };

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
    ['cut within the header', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['cut to nothing', () => Buffer.alloc(0)],
    ['counts that overflow', (bytes: Buffer) => bytes.fill(0xff, 8, 20)],
    ['another format', (bytes: Buffer) => bytes.fill(0x01, 0, 4)],
  ])('%s', (_, damage) => {
    writeCachedIndex(folder, key, built);
    writeFileSync(storedPath(), damage(readFileSync(storedPath())));
    expect(isRefusedOrRebuilt()).toBe(true);
  });

  test('each flipped bit is noticed', () => {
    writeCachedIndex(folder, key, built);
    const path = storedPath();
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at += 997) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      writeFileSync(path, bad);
      expect(isRefusedOrRebuilt(), `byte ${at}`).toBe(true);
    }
  });
});

test('a file that others may write to is not believed', () => {
  writeCachedIndex(folder, key, built);
  chmodSync(storedPath(), 0o666);
  expect(readAll()).toBeUndefined();
});

test('a folder in its place is not believed', () => {
  writeCachedIndex(folder, key, built);
  const path = storedPath();
  rmSync(path);
  mkdirSync(path);
  expect(readAll()).toBeUndefined();
});

test('a folder that cannot be made is no error', () => {
  writeFileSync(join(folder, 'file'), '');
  writeCachedIndex(join(folder, 'file', 'below'), key, built);
  expect(openCachedIndex(join(folder, 'file', 'below'), key, () => built.words)).toBeUndefined();
});

test('writers leave nothing beside the file', () => {
  for (let round = 0; round < 5; round++) writeCachedIndex(folder, key, built);
  expect(readdirSync(folder)).toHaveLength(1);
});

describe('a kernel opened through the cache', () => {
  const kernelOf = (bytes: Buffer, notes?: Buffer) => {
    const directory = mkdtempSync(join(root, 'k'));
    writeFileSync(join(directory, 'vmlinux'), bytes);
    if (notes === undefined) return openSystemBtf({ directory, cache: folder });
    writeFileSync(join(directory, 'notes'), notes);
    return openSystemBtf({ directory, cache: folder, notes: join(directory, 'notes') });
  };

  test('answers the same with and without', () => {
    const cold = kernelOf(blob()).vmlinux();
    expect(readdirSync(folder)).toHaveLength(1);
    const warm = kernelOf(blob()).vmlinux();
    expect(warm?.idOf('struct', 'struct_17')).toBe(cold?.idOf('struct', 'struct_17'));
    expect(warm?.idOf('struct', 'struct_17')).toBeGreaterThan(0);
    expect(warm?.idOf('struct', 'nosuch')).toBe(0);
  });

  test('is rebuilt where a page is damaged after opening', () => {
    kernelOf(blob()).vmlinux();
    const good = readFileSync(storedPath());
    writeFileSync(storedPath(), Buffer.from(good).fill(0x55, good.length >> 1));
    const kernel = kernelOf(blob()).vmlinux();
    for (const name of ['struct_0', 'struct_17', 'struct_2999'])
      expect(kernel?.idOf('struct', name)).toBeGreaterThan(0);
    expect(readFileSync(storedPath())).toEqual(good);
  });

  test('is rebuilt where the file is damaged', () => {
    kernelOf(blob()).vmlinux();
    writeFileSync(storedPath(), 'garbage');
    expect(kernelOf(blob()).vmlinux()?.idOf('struct', 'struct_17')).toBeGreaterThan(0);
    expect(readFileSync(storedPath()).length).toBeGreaterThan(100);
  });

  test('another kernel gets a file of its own', () => {
    kernelOf(blob(4)).vmlinux();
    kernelOf(blob(8)).vmlinux();
    expect(readdirSync(folder)).toHaveLength(2);
  });

  const buildId = (id: string) => note('GNU', 3, id.padEnd(20, '.'));
  const version = note('Linux', 0, 'version 1');

  test.each<[string, number, Buffer | undefined, Buffer | undefined, Buffer?]>([
    ['the same samples', 1, undefined, undefined],
    ['the same build id', 1, buildId('one'), buildId('one')],
    ['another build id', 2, buildId('one'), buildId('two')],
    ['another build id behind other notes', 2, concat(version, buildId('one')), concat(version, buildId('two'))],
    ['the same build id, longer types', 2, buildId('one'), buildId('one'), blob(4, 3001)],
    ['the same build id, other notes', 1, concat(buildId('one'), version), concat(version, buildId('one'))],
    ['a build id too short to tell', 2, note('GNU', 3, 'one'), note('GNU', 3, 'one'), blob(8)],
    ['no build id, other samples', 2, version, version, blob(8)],
    ['no build id, the same samples', 1, version, note('Linux', 0, 'version 2')],
    ['notes cut off within the build id', 2, buildId('one').subarray(0, 28), buildId('one').subarray(0, 28), blob(8)],
    ['notes that are empty', 2, Buffer.alloc(0), Buffer.alloc(0), blob(8)],
    ['notes whose lengths make no sense', 2, Buffer.alloc(64, 0xff), Buffer.alloc(64, 0xff), blob(8)],
  ])('%s: %i files', (_, files, firstNotes, secondNotes, second = blob()) => {
    const first = blob();
    for (const [bytes, notes] of [
      [first, firstNotes],
      [second, secondNotes],
      [first, firstNotes],
    ] as const) {
      const expected = typesOfBytes('vmlinux', bytes);
      const kernel = kernelOf(bytes, notes).vmlinux();
      const id = kernel?.idOf('struct', 'struct_2999') ?? 0;
      expect(kernel?.type(id)).toMatchObject({ size: (expected.type(id) as CComposite).size });
      expect(kernel?.idOf('struct', 'struct_3000')).toBe(expected.idOf('struct', 'struct_3000'));
    }
    expect(readdirSync(folder)).toHaveLength(files);
  });

  test('notes that cannot be read leave the samples', () => {
    const directory = mkdtempSync(join(root, 'k'));
    writeFileSync(join(directory, 'vmlinux'), blob());
    const kernel = openSystemBtf({ directory, cache: folder, notes: join(directory, 'nosuch') }).vmlinux();
    expect(kernel?.idOf('struct', 'struct_17')).toBeGreaterThan(0);
  });

  test('a kernel without BTF is a problem with a way out', () => {
    const source = openSystemBtf({ directory: join(root, 'nowhere'), cache: folder });
    expect(source.vmlinux()).toBeUndefined();
    expect(source.problem()).toMatch(/has no BTF.*CONFIG_DEBUG_INFO_BTF/);
  });
});

test.each([
  [{ XDG_CACHE_HOME: '/home/u/.cache' }, '/home/u/.cache/bptop'],
  [{ XDG_CACHE_HOME: 'relative' }, /^\/.*bptop$/],
  [{}, /^\/.*bptop$/],
])('the folder for %j', (environment, expected) => expect(cacheDirectory(environment)).toMatch(expected));

test('a link in its place is replaced, not followed', () => {
  writeCachedIndex(folder, key, built);
  const path = storedPath();
  const victim = join(root, 'victim');
  writeFileSync(victim, 'precious');
  rmSync(path);
  symlinkSync(victim, path);
  writeCachedIndex(folder, key, built);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  expect(readAll()).toEqual([...built.words]);
});
