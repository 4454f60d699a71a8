import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cacheDirectory, openCachedIndex, writeCachedIndex } from '../../../src/kernel/btf/cache.ts';
import { BtfImage } from '../../../src/kernel/btf/image.ts';
import { buildIndex, indexLength } from '../../../src/kernel/btf/index.ts';
import { openSystemBtf } from '../../../src/kernel/btf/sources.ts';
import { BtfBuilder } from '../../support/btf-builder.ts';

const root = mkdtempSync(join(tmpdir(), 'bptop-cache-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'c'));
});

const key = Buffer.from('kernel one');
const built = buildIndex(new BtfImage(blob()));

function blob(size = 4): Buffer {
  const btf = new BtfBuilder();
  const int = btf.integer('int', size, 1);
  for (let index = 0; index < 3000; index++) btf.struct(`struct_${index}`, size, [['x', int, 0]]);
  return btf.bytes();
}

function storedPath(): string {
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

/** All words as a reader gets them; undefined where no index is found. */
function readAll(ofKey: Uint8Array = key): number[] | undefined {
  const stored = openCachedIndex(folder, ofKey);
  if (stored === undefined) return undefined;
  const words = stored.words(() => new Uint32Array());
  return Array.from({ length: indexLength(stored.shape) }, (_, index) => words.word(index));
}

test('what is written is read', () => {
  writeCachedIndex(folder, key, built);
  expect(openCachedIndex(folder, key)?.shape).toEqual(built.shape);
  expect(readAll()).toEqual([...built.words.subarray(0, indexLength(built.shape))]);
});

test('nothing is there at first', () => expect(readAll()).toBeUndefined());

test('another kernel does not see it', () => {
  writeCachedIndex(folder, key, built);
  expect(readAll(Buffer.from('kernel two'))).toBeUndefined();
});

test('a file under another key’s name is not believed', () => {
  const other = Buffer.from('kernel two');
  writeCachedIndex(folder, other, built);
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
    const stored = openCachedIndex(folder, key);
    if (stored === undefined) return true;
    const rebuild = vi.fn(() => built.words);
    const words = stored.words(rebuild);
    const read = Array.from(built.words, (_, index) => words.word(index));
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

test('a folder that cannot be made is no error', () => {
  writeFileSync(join(folder, 'file'), '');
  writeCachedIndex(join(folder, 'file', 'below'), key, built);
  expect(openCachedIndex(join(folder, 'file', 'below'), key)).toBeUndefined();
});

test('writers leave nothing beside the file', () => {
  for (let round = 0; round < 5; round++) writeCachedIndex(folder, key, built);
  expect(readdirSync(folder)).toHaveLength(1);
});

describe('a kernel opened through the cache', () => {
  const kernelOf = (bytes: Buffer) => {
    const directory = mkdtempSync(join(root, 'k'));
    writeFileSync(join(directory, 'vmlinux'), bytes);
    return openSystemBtf({ directory, cache: folder });
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
  expect(readAll()).toEqual([...built.words.subarray(0, indexLength(built.shape))]);
});
