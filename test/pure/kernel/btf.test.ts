import { describe, expect, test } from 'vitest';
import type { CComposite, CEnum, CFunction, CPointer } from '../../../src/ctype/ctype.ts';
import { BtfImage } from '../../../src/kernel/btf/image.ts';
import { typesOfBytes } from '../../../src/kernel/btf/sources.ts';
import { BtfTypeFacts } from '../../../src/kernel/btf/type-facts.ts';
import { BtfBuilder } from '../../support/btf-builder.ts';

function small() {
  const btf = new BtfBuilder();
  const int = btf.integer('int', 4, 1);
  const char = btf.integer('char', 1, 1);
  const bool = btf.integer('_Bool', 1, 4);
  const tag = btf.add(18, 'user', char);
  const userText = btf.pointer(btf.add(10, '', tag));
  const list = btf.struct('list', 8, [['next', 8, 0]]);
  const listPointer = btf.pointer(list); // id 8: a cycle
  const name = btf.add(3, '', 0, [char, int, 16]);
  const flags = btf.add(4, 'flags', 8, [btf.string('a'), int, (3 << 24) | 5, btf.string('plain'), int, 32], 2, true);
  const legacyBits = btf.add(1, 'unsigned int', 4, [(4 << 16) | 3]);
  const legacy = btf.struct('legacy', 4, [['b', legacyBits, 8]]);
  const colors = btf.add(6, 'colors', 4, [btf.string('RED'), 0xffffffff, btf.string('BLUE'), 2], 2, true);
  const wide = btf.add(19, 'wide', 8, [btf.string('HUGE'), 1, 0xffffffff], 1);
  const alias = btf.add(8, 'alias', btf.add(9, '', list));
  const forward = btf.add(7, 'hidden', 0, [], 0, true);
  const call = btf.function('call', int, [
    ['text', userText],
    ['', 0],
  ]);
  const twice = btf.struct('list', 99, []);
  const variable = btf.add(14, 'counter', list, [1]);
  const traced = btf.add(8, 'btf_trace_event', btf.pointer(btf.add(13, '', 0, [0, btf.pointer(0), 0, int], 2)));
  const ids = {
    int,
    bool,
    userText,
    list,
    listPointer,
    name,
    flags,
    legacy,
    colors,
    wide,
    alias,
    forward,
    call,
    twice,
    variable,
    traced,
  };
  return { btf, ids, types: typesOfBytes('vmlinux', btf.bytes()) };
}

function factsOf(types: ReturnType<typeof small>['types']) {
  return new BtfTypeFacts({
    vmlinux: () => types,
    moduleNames: () => [],
    module: () => undefined,
    problem: () => undefined,
  });
}

const { btf, ids, types } = small();
const facts = factsOf(types);

test('integers', () => {
  expect(types.type(ids.int)).toEqual({ kind: 'integer', name: 'int', size: 4, isSigned: true, encoding: 'integer' });
  expect(types.type(ids.bool)).toMatchObject({ size: 1, isSigned: false, encoding: 'bool' });
});

test('qualifiers go, the user tag stays', () => {
  const pointer = types.type(ids.userText) as CPointer;
  expect(pointer.isUser).toBe(true);
  expect(pointer.target).toMatchObject({ kind: 'integer', name: 'char', encoding: 'char' });
  expect((types.type(ids.listPointer) as CPointer).isUser).toBe(false);
});

test('a cycle is walked as far as asked', () => {
  const list = facts.struct('list');
  const next = list?.members[0]?.type as CPointer;
  expect(next.target).toBe(list);
});

test('the first declaration of a name counts', () => expect(facts.struct('list')?.size).toBe(8));

test('arrays', () => expect(types.type(ids.name)).toMatchObject({ kind: 'array', length: 16 }));

test('bitfields', () => {
  expect((types.type(ids.flags) as CComposite).members.map(({ bitOffset, bitSize }) => [bitOffset, bitSize])).toEqual([
    [5, 3],
    [32, undefined],
  ]);
  expect((types.type(ids.legacy) as CComposite).members.map(({ bitOffset, bitSize }) => [bitOffset, bitSize])).toEqual([
    [12, 3],
  ]);
});

test('members for a name are those of the name and anonymous ones, in order', () => {
  const own = new BtfBuilder();
  const word = own.integer('int', 4);
  const inner = own.struct('', 4, [['in', word, 0]]);
  const outer = own.struct('outer', 16, [
    ['in', word, 0],
    ['inner', word, 32],
    ['', inner, 64],
    ['inn', word, 96],
  ]);
  const composite = typesOfBytes('vmlinux', own.bytes()).type(outer) as CComposite;
  const found = (name: string) => composite.membersFor?.(name).map((each) => [each.name, each.bitOffset]);
  const expected = [
    ['in', 0],
    ['', 64],
  ];
  expect(found('in')).toEqual(expected);
  expect(composite.members.map((each) => each.name)).toEqual(['in', 'inner', '', 'inn']);
  expect(found('in')).toEqual(expected);
  expect(found('inner')).toEqual([
    ['inner', 32],
    ['', 64],
  ]);
  expect(found('i')).toEqual([['', 64]]);
});

test.each([
  ['qualifiers in a circle', [10, 9]],
  ['one of itself', [10]],
])('%s are void', (_, kinds) => {
  const circle = new BtfBuilder();
  // Each of the one before it, the first of the last.
  for (const [index, kind] of kinds.entries()) circle.add(kind, '', index || kinds.length);
  expect(typesOfBytes('vmlinux', circle.bytes()).type(1)).toEqual({ kind: 'void' });
});

test('more names than a table has slots for', () => {
  const full = new BtfBuilder();
  const names = Array.from({ length: 3000 }, (_, index) => `C${index}`);
  const values = names.flatMap((name, index) => [full.string(name), index]);
  full.add(6, 'many', 4, values, names.length);
  const types = typesOfBytes('vmlinux', full.bytes());
  expect(names.filter((name) => types.idOf('constant', name) !== 1)).toEqual([]);
  expect(types.idOf('constant', 'C3000')).toBe(0);
});

test('a thousand declarations of a name take no place of others', () => {
  const many = new BtfBuilder();
  for (let index = 0; index < 5000; index++) many.struct('same', index, []);
  const other = many.struct('other', 4, []);
  const types = typesOfBytes('vmlinux', many.bytes());
  expect(types.idOf('struct', 'same')).toBe(1);
  expect(types.idOf('struct', 'other')).toBe(other);
});

test('enums of both widths', () => {
  expect(facts.enum('colors')?.values).toEqual([
    { name: 'RED', value: -1n },
    { name: 'BLUE', value: 2n },
  ]);
  expect((types.type(ids.wide) as CEnum).values).toEqual([{ name: 'HUGE', value: 0xffffffff00000001n }]);
  expect(facts.enumConstant('HUGE')?.type.name).toBe('wide');
  expect(facts.enumConstant('GREEN')).toBeUndefined();
});

test('typedefs lead on', () => {
  const alias = facts.typedef('alias');
  expect(alias?.kind === 'typedef' && alias.target).toBe(facts.struct('list'));
});

test('forward declarations', () =>
  expect(types.type(ids.forward)).toEqual({ kind: 'forward', tag: 'union', name: 'hidden' }));

test('functions', () => {
  const call = facts.function('call');
  expect(call?.btfId).toBe(ids.call);
  expect(call?.type.parameters.map(({ name }) => name)).toEqual(['text']);
  expect(call?.type.isVariadic).toBe(true);
  expect(call?.type.returns).toBe(types.type(ids.int));
});

test('per-CPU variables', () => expect(facts.perCpuVariable('counter')?.btfId).toBe(ids.variable));

test('raw tracepoints without named functions keep their types', () => {
  const event = facts.rawTracepoint('event');
  expect(event?.btfId).toBe(ids.traced);
  expect(event?.type.parameters).toHaveLength(1);
});

test('void, and what does not exist', () => {
  expect(types.type(0)).toEqual({ kind: 'void' });
  expect(types.type(9999)).toEqual({ kind: 'void' });
});

describe('split BTF', () => {
  const own = new BtfBuilder(btf);
  const pointer = own.pointer(ids.list);
  own.struct('own', 16, [['base', pointer, 0]]);
  own.add(4, 'colors', 4); // its name is a string of the base
  own.function('own_call', ids.int, [['of', pointer]]);
  own.add(12, 'borrowed', (types.type(ids.call) as CFunction) && ids.call - 1);
  const module = typesOfBytes('mod', own.bytes(), types);
  // The base's strings hold `colors` already.
  const withModule = new BtfTypeFacts({
    vmlinux: () => types,
    moduleNames: () => ['mod'],
    module: () => module,
    problem: () => undefined,
  });

  test('ids and strings continue', () => {
    const struct = withModule.struct('own');
    const base = struct?.members[0]?.type;
    expect(base?.kind === 'pointer' && base.target).toBe(facts.struct('list'));
    expect(withModule.struct('colors')).toMatchObject({ name: 'colors', members: [] });
  });

  test('functions say where they are from', () => {
    expect(withModule.function('own_call')?.module).toBe('mod');
    expect(withModule.function('call')?.module).toBe('vmlinux');
    expect(withModule.function('call', 'mod')).toBeUndefined();
    expect(withModule.function('own_call', 'mod')?.type.parameters.map(({ name }) => name)).toEqual(['of']);
  });

  test('a prototype of the base', () =>
    expect(withModule.function('borrowed')?.type.parameters.map(({ name }) => name)).toEqual(['text']));

  test('names of both', () => expect(withModule.namesOf('function')).toEqual(['borrowed', 'call', 'own_call']));
});

describe('damage is refused or survived', () => {
  const bytes = btf.bytes();

  test.each([
    ['empty', Buffer.alloc(0)],
    ['other bytes', Buffer.alloc(64, 0x41)],
    ['cut off', bytes.subarray(0, bytes.length - 40)],
    ['the other byte order', Buffer.from(bytes).swap16()],
  ])('%s', (_, damaged) => expect(() => typesOfBytes('vmlinux', damaged)).toThrow(/BTF|odd/));

  test('any word of the types overwritten', () => {
    for (let at = 24; at + 4 <= 24 + bytes.readUInt32LE(12); at += 4) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt32LE(0xff00ffff, at);
      const walked = walk(damaged);
      expect(walked).toBeGreaterThanOrEqual(0);
    }
  });
});

/** Decodes what can be; a refusal counts as 0. */
function walk(bytes: Buffer): number {
  let types: ReturnType<typeof typesOfBytes>;
  try {
    types = typesOfBytes('vmlinux', bytes);
  } catch {
    return 0;
  }
  let seen = 0;
  for (let id = 1; id <= types.count; id++) {
    const type = types.type(id);
    if (type.kind === 'struct' || type.kind === 'union') seen += type.members.slice(0, 9).length;
    if (type.kind === 'function') seen += type.parameters.slice(0, 9).length;
    if (type.kind === 'enum') seen += type.values.slice(0, 9).length;
  }
  return seen;
}

test('names are the same by pages, also where one lies on two', () => {
  const btf = new BtfBuilder();
  const int = btf.integer('int', 4, 1);
  const names = Array.from({ length: 400 }, (_, index) => `struct_${index}_${'x'.repeat(index % 97)}`);
  for (const name of names) btf.struct(name, 4, [['member', int, 0]]);
  const bytes = btf.bytes();
  const read = { pages: 0 };
  const image = new BtfImage({
    size: bytes.length,
    readPage: (buffer, offset, length) => {
      read.pages++;
      return bytes.copy(buffer, offset, offset, offset + length);
    },
  });
  const whole = new BtfImage(bytes);
  const offsets = Array.from({ length: whole.stringEnd + 2 }, (_, offset) => offset);
  expect(read.pages).toBe(1);
  const inMemory = offsets.map((offset) => whole.name(offset));
  expect(offsets.toReversed().map((offset) => image.name(offset))).toEqual(inMemory.toReversed());
  expect(names.filter((name) => !inMemory.includes(name))).toEqual([]);
});
