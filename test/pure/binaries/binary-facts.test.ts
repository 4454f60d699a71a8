import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LiveBinaryFacts } from '../../../src/kernel/binaries/binary-facts.ts';
import { withElf } from '../../../src/kernel/binaries/elf.ts';
import { buildId } from '../../../src/kernel/binaries/elf-notes.ts';
import { compile, run, workDirectory } from '../../support/compile.ts';

const SOURCE = `
int counter = 3; int zeroed; static int hidden(int x) { return x + counter; }
__attribute__((noinline)) int work(int x) { return hidden(x) * 2; }
int main(int argc, char **argv) { return work(argc) + zeroed; }`;

/** `name address size` of the functions and objects, as binutils sees them. */
function readelfSymbols(path: string): string[] {
  return run('readelf', '-sW', path)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , type, , , section, name]) => /^(FUNC|OBJECT|IFUNC)$/.test(type ?? '') && section !== 'UND' && name)
    .map(([, value, size, , , , , name]) => `${name?.replace(/@.*/, '')} ${BigInt(`0x${value}`)} ${Number(size)}`);
}

const facts = new LiveBinaryFacts();

const listed = (path: string) => facts.symbols(path).map((one) => `${one.name} ${one.address} ${one.size}`);

test.each([
  ['pie', ['-O0', '-pie', '-fPIE']],
  ['non-pie', ['-O0', '-no-pie']],
  ['debug', ['-O2', '-g']],
  ['shared library', ['-shared', '-fPIC']],
  ['32-bit', ['-m32', '-shared', '-nostdlib', '-fPIC']],
])('symbols of a %s program agree with readelf', (name, options) => {
  const path = compile(`symbols ${name}.c`, SOURCE, options);
  expect(new Set(listed(path))).toEqual(new Set(readelfSymbols(path)));
});

test("a uprobe's offset points at the function's bytes", () => {
  const path = compile('offsets.c', SOURCE, ['-no-pie']);
  const main = facts.symbols(path).find((one) => one.name === 'main');
  expect(main?.isFunction).toBe(true);
  expect(main?.fileOffset).toBe(facts.fileOffset(path, main?.address ?? 0n));
  // The text segment of a fixed-address program lies 0x400000 above its place in the file.
  expect(main?.fileOffset).toBe((main?.address ?? 0n) - 0x400000n);
  expect(facts.symbols(path).find((one) => one.name === 'zeroed')).toMatchObject({
    isFunction: false,
    size: 4,
  });
  expect(facts.fileOffset(path, 0x7fff_0000_0000n)).toBeUndefined();
});

test.each([['debuglink'], ['build-id off']])('a stripped program finds its debug file (%s)', (name) => {
  const path = compile(`stripped ${name}.c`, SOURCE, [
    '-g',
    ...(name === 'build-id off' ? ['-Wl,--build-id=none'] : []),
  ]);
  const all = new Set(listed(path));
  const debug = `${path}.debug`;
  run('objcopy', '--only-keep-debug', path, debug);
  run('strip', path);
  expect(listed(path).some((one) => one.startsWith('work '))).toBe(false);
  run('objcopy', `--add-gnu-debuglink=${debug}`, path);
  expect(new Set(listed(path))).toEqual(all);
  mkdirSync(join(workDirectory(), '.debug'), { recursive: true });
  // A debug file of another build must not be believed.
  copyFileSync(compile('other.c', SOURCE, ['-g', '-O2']), debug);
  run('touch', path);
  expect(listed(path).some((one) => one.startsWith('work '))).toBe(false);
});

test.skipIf(!hasCommand('xz'))('symbols packed into .gnu_debugdata', () => {
  const path = compile('packed.c', SOURCE, ['-g']);
  const all = new Set(listed(path));
  run('objcopy', '--only-keep-debug', '--strip-debug', path, `${path}.mini`);
  run('xz', '-f', `${path}.mini`);
  run('strip', path);
  run('objcopy', '--add-section', `.gnu_debugdata=${path}.mini.xz`, path);
  expect(new Set(listed(path))).toEqual(all);
});

test('build id', () => {
  const path = compile('build-id.c', SOURCE, ['-Wl,--build-id=0xdeadbeef01']);
  expect(withElf(path, buildId)).toBe('deadbeef01');
});

test('C++ names', () => {
  const path = compile(
    'names.cc',
    'namespace shop { struct Cart { int add(int n, const char *s); }; int Cart::add(int n, const char *) { return n; } } int main() { return shop::Cart().add(1, 0); }',
  );
  const names = facts.symbols(path).map((one) => one.demangled);
  expect(names).toContain('shop::Cart::add(int, char const*)');
  expect(facts.symbols(path).find((one) => one.name === 'main')?.demangled).toBe(undefined);
});

test('a changed file is read anew, and what is no binary has nothing', () => {
  const path = compile('changes.c', 'int first; int main() { return 0; }');
  expect(listed(path).some((one) => one.startsWith('first '))).toBe(true);
  compile('changes.c', 'int second; int main() { return 0; }');
  expect(listed(path).some((one) => one.startsWith('second '))).toBe(true);
  for (const content of ['', '\x7fELF', '\x7fELF\x02\x01\x01'.padEnd(64, '\xff')]) {
    writeFileSync(path, content, 'latin1');
    expect(facts.symbols(path)).toEqual([]);
    expect(facts.usdt(path)).toEqual([]);
  }
  run('rm', path);
  run('mkfifo', path);
  expect(facts.symbols(path)).toEqual([]);
  expect(facts.symbols('/nonexistent')).toEqual([]);
});

/** systemtap-sdt-dev, in one of the two places where it may lie. */
const hasMarkers = ['', 'x86_64-linux-gnu/', 'aarch64-linux-gnu/'].some((part) =>
  existsSync(`/usr/include/${part}sys/sdt.h`),
);

const PROBES = `
#include <sys/sdt.h>
PROBES
int value = 41;
__attribute__((noinline)) void hit(long n, const char *s) {
	if (ENABLED) DTRACE_PROBE4(shop, sale, n, s, value, 7);
	DTRACE_PROBE(shop, closed);
}
int main(int argc, char **argv) { hit(argc, argv[0]); return 0; }`;

test.skipIf(!hasMarkers).each([
  ['plain', '', '1', false],
  [
    'with a semaphore',
    `#define _SDT_HAS_SEMAPHORES 1
		unsigned short shop_sale_semaphore __attribute__((section(".probes")));
		unsigned short shop_closed_semaphore __attribute__((section(".probes")));`,
    '__builtin_expect(shop_sale_semaphore, 0)',
    true,
  ],
])('USDT markers %s', (name, declarations, enabled, hasSemaphore) => {
  const source =
    (hasSemaphore ? '#define _SDT_HAS_SEMAPHORES 1\n' : '') +
    PROBES.replace('PROBES', declarations.replace(/^#define.*$/m, '')).replace('ENABLED', enabled);
  const path = compile(`markers ${name}.c`, source, ['-O2']);
  const probes = facts.usdt(path);
  expect(probes.map((one) => `${one.provider}:${one.name}`).sort()).toEqual(['shop:closed', 'shop:sale']);
  const sale = probes.find((one) => one.name === 'sale');
  expect(sale?.args.map((one) => one.size)).toEqual([8, 8, 4, 4]);
  expect(sale?.args.map((one) => one.location.kind)).not.toContain('unknown');
  expect(sale?.args[3]?.location).toEqual({ kind: 'constant', value: 7n });
  expect(sale && sale.semaphoreOffset > 0n).toBe(hasSemaphore);
  const symbols = facts.symbols(path);
  if (hasSemaphore)
    expect(sale?.semaphoreOffset).toBe(symbols.find((one) => one.name === 'shop_sale_semaphore')?.fileOffset);
  const hit = symbols.find((one) => one.name === 'hit');
  for (const probe of probes) {
    expect(probe.fileOffset).toBeGreaterThanOrEqual(hit?.fileOffset ?? 0n);
    expect(probe.fileOffset).toBeLessThan((hit?.fileOffset ?? 0n) + BigInt(hit?.size ?? 0));
  }
});

test("node's own symbols", () => {
  const symbols = facts.symbols(process.execPath);
  expect(symbols.some((one) => one.name === 'uv_run' && one.isFunction)).toBe(true);
});

function hasCommand(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasCommand('rustc'))('Rust names', () => {
  const path = join(workDirectory(), 'rust-names');
  writeFileSync(
    `${path}.rs`,
    'mod shop { #[inline(never)] pub fn sell(n: u32) -> u32 { n + 1 } }\nfn main() { println!("{}", shop::sell(3)); }',
  );
  run('rustc', '-g', '-o', path, `${path}.rs`);
  const found = facts.symbols(path).find((one) => one.demangled === 'rust_names::shop::sell');
  expect(found?.isFunction).toBe(true);
  expect(facts.functionType(path, found?.name ?? '')?.parameters.map((one) => one.name)).toEqual(['n']);
});

test('the markers of the C++ library agree with readelf', () => {
  const [path = ''] = facts.resolve('libstdc++');
  const notes = path === '' ? '' : run('readelf', '-n', path);
  const expected = [
    ...notes.matchAll(
      /Provider: (\S+)\s+Name: (\S+)\s+Location: (\w+), Base: \w+, Semaphore: (\w+)\s+Arguments: (.*)/g,
    ),
  ].map(
    ([, provider, name, location, , args]) => `${provider}:${name} ${BigInt(location ?? 0)} ${args?.split(' ').length}`,
  );
  expect(facts.usdt(path).map((one) => `${one.provider}:${one.name} ${one.fileOffset} ${one.args.length}`)).toEqual(
    expected,
  );
});
