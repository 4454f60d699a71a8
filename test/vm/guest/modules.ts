/** Modules of the kernel package that the machine was booted from: nothing loads them by itself in there. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** loadModule loads a module after those it needs; one that is built in or already there is none to load. */
export function loadModule(name: string): void {
  const plain = name.replaceAll('-', '_');
  if (existsSync(`/sys/module/${plain}`)) return;
  const file = moduleFile(name);
  if (file === undefined) return;
  const needed = /(?:^|\0)depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1'))?.[1] ?? '';
  for (const other of needed.split(',')) if (other !== '') loadModule(other);
  execFileSync(busybox(), ['insmod', file]);
}

function moduleFile(name: string): string | undefined {
  for (const spelling of [name, name.replaceAll('_', '-'), name.replaceAll('-', '_')]) {
    const plain = packagedFiles().get(`${spelling}.ko`);
    if (plain !== undefined) return plain;
    const packed = packagedFiles().get(`${spelling}.ko.xz`);
    if (packed === undefined) continue;
    const file = join(tmpdir(), `${spelling}.ko`);
    writeFileSync(file, execFileSync(busybox(), ['xzcat', packed], { maxBuffer: 1 << 28 }));
    return file;
  }
  return undefined;
}

function busybox(): string {
  return join(kernelPackage(), 'bin', 'busybox');
}

let files: ReadonlyMap<string, string> | undefined;

/** Paths by name, listed once: thousands of folders take their time under emulation. */
function packagedFiles(): ReadonlyMap<string, string> {
  files ??= new Map(
    readdirSync(join(kernelPackage(), 'lib', 'modules'), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, join(entry.parentPath, entry.name)]),
  );
  return files;
}

function kernelPackage(): string {
  return join(/vm_dir=(\S+)/.exec(readFileSync('/proc/cmdline', 'utf8'))?.[1] ?? '', 'kernel');
}
