import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LiveBinaryFacts } from '../../../src/kernel/binaries/binary-facts.ts';
import { compile, workDirectory } from '../../support/compile.ts';

/** A zip archive of one member behind another, the way APPNOTE.TXT of PKWARE lays it out. */
function zip(members: readonly (readonly [name: string, bytes: Buffer, isStored: boolean])[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, bytes, isStored] of members) {
    const data = isStored ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(isStored ? 0 : 8, 4);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const extra = Buffer.from('12345');
    const extended = Buffer.from(common);
    extended.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), extended, Buffer.from(name), extra, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x00\x00'), common, rest, Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(7, 20);
  return Buffer.concat([...locals, directory, end, Buffer.from('comment')]);
}

describe('members of archives', () => {
  const library = compile('libmember.c', 'int member_function(int x) { return x + 42; }', ['-shared', '-fPIC', '-O1']);
  const bytes = readFileSync(library);
  const archive = join(workDirectory(), 'app.apk');
  writeFileSync(
    archive,
    zip([
      ['first.txt', Buffer.from('text '.repeat(100)), false],
      ['lib/libmember.so', bytes, true],
      ['lib/packed.so', bytes, false],
    ]),
  );
  const facts = new LiveBinaryFacts();

  test('are found by their path, and where they lie', () => {
    const path = `${archive}!/lib/libmember.so`;
    expect(facts.resolve(path)).toEqual([path]);
    const symbol = facts.symbols(path).find(({ name }) => name === 'member_function');
    const plain = facts.symbols(library).find(({ name }) => name === 'member_function');
    expect(symbol?.fileOffset).toBe(plain?.fileOffset);
    const mapped = facts.mappedAt(path);
    expect(mapped.path).toBe(archive);
    const start = Number(mapped.offset);
    expect(
      readFileSync(archive)
        .subarray(start, start + bytes.length)
        .equals(bytes),
    ).toBe(true);
  });

  test.each(['lib/packed.so', 'lib/none.so', ''])('not %j', (member) =>
    expect(facts.resolve(`${archive}!/${member}`)).toEqual([]),
  );
});
