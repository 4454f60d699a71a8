import { afterEach, describe, expect, test } from 'vitest';
import type { CType } from '../../../src/ctype/ctype.ts';
import { LiveBinaryFacts } from '../../../src/kernel/binaries/binary-facts.ts';
import { type DebugInfo, openDebugInfo } from '../../../src/kernel/binaries/dwarf/debug-info.ts';
import { compile, run } from '../../support/compile.ts';

const SOURCE = `typedef unsigned long size_type;
enum colour { RED, GREEN = 5, BLUE = -1 };
union number { int i; double d; };
struct list { struct list *next; int flag : 3; int rest : 5; unsigned char bytes[2][3]; union number value; struct { short a; }; };
struct opaque;
__attribute__((noinline)) size_type work(int count, const char *text, struct list *head, enum colour shade, _Bool yes, float f, struct opaque *o) { __asm__ volatile(""); return count; }
__attribute__((noinline)) void nothing(void) { __asm__ volatile(""); }
__attribute__((noinline)) int print(const char *format, ...) { __asm__ volatile(""); return 0; }
__attribute__((noinline)) void callback(int (*call)(long, char), int numbers[4]) { __asm__ volatile(""); }
static inline __attribute__((always_inline)) int innermost(int x) {
  __asm__ volatile("inlined_here: nop" : : "r"(x));
  return x;
}
static inline __attribute__((always_inline)) int between(int x) {
  return innermost(x + 1);
}
__attribute__((noinline)) int around(int x) {
  int y = between(x);
  return y;
}
int main(int argc, char **argv) {
  struct list head = {0};
  nothing(); print("x"); callback(0, 0);
  return (int)work(argc, argv[0], &head, RED, 1, 2.0f, 0) + around(argc);
}`;

/** A type as C would spell it, structs one level deep. */
function spell(type: CType, depth = 0): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'integer':
      return type.encoding === 'integer' ? type.name : `${type.name}:${type.encoding}`;
    case 'float':
      return `${type.name}/${type.size}`;
    case 'pointer':
      return `${spell(type.target, depth + 1)}*`;
    case 'array':
      return `${spell(type.element, depth)}[${type.length}]`;
    case 'typedef':
      return `${type.name}=${spell(type.target, depth)}`;
    case 'enum':
      return `enum ${type.name}{${type.values.map((one) => `${one.name}=${one.value}`).join()}}${type.isSigned ? '-' : ''}`;
    case 'forward':
      return `${type.tag} ${type.name};`;
    case 'function':
      return `${spell(type.returns)}(${type.parameters.map((one) => spell(one.type)).join()})`;
    default: {
      if (depth > 1) return `${type.kind} ${type.name}/${type.size}`;
      const members = type.members.map(
        (one) =>
          `${spell(one.type, depth + 1)} ${one.name}@${one.bitOffset}${one.bitSize === undefined ? '' : `:${one.bitSize}`}`,
      );
      return `${type.kind} ${type.name}/${type.size}{${members.join('; ')}}`;
    }
  }
}

const lineOf = (text: string) => SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;

let info: DebugInfo | undefined;
afterEach(() => info?.close());

const facts = new LiveBinaryFacts();

describe.each([
  ['DWARF 5', ['-gdwarf-5', '-O1']],
  ['DWARF 4', ['-gdwarf-4', '-O1']],
  ['DWARF 3', ['-gdwarf-3', '-gstrict-dwarf', '-O1']],
  ['64-bit DWARF', ['-gdwarf-5', '-gdwarf64', '-O1']],
  ['compressed', ['-g', '-gz=zlib', '-O1']],
  ['fixed addresses', ['-g', '-O0', '-no-pie']],
])('%s', (name, options) => {
  const path = compile(`debug ${name}.c`, SOURCE, options);
  const typeOf = (symbol: string) => {
    const type = facts.functionType(path, symbol);
    return (
      type &&
      `${spell(type.returns)} ${type.name}(${[...type.parameters.map((one) => `${spell(one.type)} ${one.name}`), ...(type.isVariadic ? ['...'] : [])].join(', ')})`
    );
  };

  test('signatures', () => {
    expect(typeOf('work')).toBe(
      [
        'size_type=long unsigned int work(int count',
        'char:char* text',
        'struct list/32{struct list/32* next@0; int flag@64:3; int rest@67:5; unsigned char:char[3][2] bytes@72; union number/8 value@128; struct /2 @192}* head',
        'enum colour{RED=0,GREEN=5,BLUE=-1}- shade',
        '_Bool:bool yes',
        'float/4 f',
        'struct opaque;* o)',
      ].join(', '),
    );
    expect(typeOf('nothing')).toBe('void nothing()');
    expect(typeOf('print')).toBe('int print(char:char* format, ...)');
    expect(typeOf('callback')).toBe('void callback(int(long int,char:char)* call, int* numbers)');
    expect(typeOf('main')).toBe('int main(int argc, char:char** argv)');
    expect(typeOf('absent')).toBeUndefined();
  });

  test('lines and inlined functions', () => {
    info = openDebugInfo(path);
    const [, address = ''] = /^([0-9a-f]+) . inlined_here$/m.exec(run('nm', path)) ?? [];
    const frames = info?.framesAt(Number.parseInt(address, 16)) ?? [];
    expect(frames.map((frame) => frame.line)).toEqual(
      ['inlined_here: nop', 'return innermost(x + 1)', 'int y = between(x)'].map((text) => ({
        file: `${path}.c`,
        line: lineOf(text),
      })),
    );
    expect(frames.map((frame) => frame.inlinedName)).toEqual(['innermost', 'between', undefined]);
  });

  test('addresses of a line', () => {
    const line = lineOf('nothing(); print');
    info = openDebugInfo(path);
    const file = path.slice(path.lastIndexOf('/') + 1);
    const addresses = info?.addressesOf(`${file}.c`, line) ?? [];
    expect(addresses).toHaveLength(1);
    const main = facts.symbols(path).find((one) => one.name === 'main');
    const offset = BigInt(addresses[0]?.address ?? 0) - (main?.address ?? 0n);
    expect(offset >= 0n && offset < (main?.size ?? 0)).toBe(true);
    expect(info?.framesAt(addresses[0]?.address ?? 0)).toEqual([{ line: { file: `${path}.c`, line } }]);
    expect(facts.sourceLines(path, `${path}.c`, line)).toEqual([
      { file: `${path}.c`, line, fileOffset: (main?.fileOffset ?? 0n) + offset },
    ]);
    expect(info?.addressesOf(`${file}.c`, 100_000)).toEqual([]);
    expect(info?.addressesOf('other.c', line)).toEqual([]);
  });
});

test('C++ methods and references', () => {
  const path = compile(
    'methods-debug.cc',
    `namespace shop { struct Base { int id; }; struct Cart : Base { long total; static int live; int add(const int &amount, Cart *other); };
    __attribute__((noinline)) int Cart::add(const int &amount, Cart *other) { return amount + id; } }
    int main(int argc, char **) { shop::Cart cart; return cart.add(argc, &cart); }`,
    ['-g', '-O1'],
  );
  const symbol = facts.symbols(path).find((one) => one.demangled?.startsWith('shop::Cart::add('));
  const type = facts.functionType(path, symbol?.name ?? '');
  expect(type && `${spell(type.returns)} ${type.name}`).toBe('int add');
  expect(type?.parameters.map((one) => `${spell(one.type)} ${one.name}`)).toEqual([
    'struct Cart/16{struct Base/4 @0; long int total@64}* this',
    'int* amount',
    'struct Cart/16{struct Base/4 @0; long int total@64}* other',
  ]);
});

test('debug information in a separate file, and none at all', () => {
  const path = compile('separate.c', SOURCE, ['-g', '-O1']);
  run('objcopy', '--only-keep-debug', path, `${path}.debug`);
  run('strip', path);
  expect(facts.functionType(path, 'work')).toBeUndefined();
  run('objcopy', `--add-gnu-debuglink=${path}.debug`, path);
  expect(facts.functionType(path, 'work')?.parameters).toHaveLength(7);
  expect(openDebugInfo('/nonexistent')).toBeUndefined();
});

test('damaged debug information is none', async () => {
  const { readFileSync, writeFileSync } = await import('node:fs');
  const path = compile('damaged.c', SOURCE, ['-g', '-O1']);
  const bytes = readFileSync(path);
  const header = run('readelf', '-SW', path);
  for (const section of ['.debug_info', '.debug_abbrev', '.debug_line']) {
    const [, offset = '0', size = '0'] =
      new RegExp(`\\${section}\\s+PROGBITS\\s+\\S+ (\\S+) (\\S+)`).exec(header) ?? [];
    for (const fill of [0xff, 0x81, 0x01]) {
      const damaged = Buffer.from(bytes);
      const start = Number.parseInt(offset, 16);
      damaged.fill(fill, start + 16, start + Number.parseInt(size, 16));
      writeFileSync(`${path}.damaged`, damaged);
      const broken = openDebugInfo(`${path}.damaged`);
      const address = Number(facts.symbols(path).find((one) => one.name === 'work')?.address);
      expect(() => {
        broken?.functionAt(address);
        broken?.framesAt(address);
        broken?.addressesOf('damaged.c', 3);
      }).not.toThrow();
      broken?.close();
    }
  }
});
