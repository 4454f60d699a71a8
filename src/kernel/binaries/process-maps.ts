/**
 * /proc/PID/maps as data, and how a file a process has mapped can be opened from here: through the process's root where
 * its mount namespace is another one, through /proc/PID/map_files where the file was deleted or replaced.
 */

import { readlinkSync, statSync } from 'node:fs';
import { decodeBytes } from '../../text/bytes.ts';
import { readProcFile } from './proc-file.ts';

export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly isExecutable: boolean;
  /** Offset in the file of the first byte mapped. */
  readonly fileOffset: number;
  readonly inode: number;
  /** As the kernel shows it, without ` (deleted)`; `[vdso]`, `[heap]` and the like for what is no file, or empty. */
  readonly path: string;
  readonly isDeleted: boolean;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([-rwxsp]{4}) ([0-9a-f]+) [0-9a-f]+:[0-9a-f]+ (\d+) *(.*)$/;
const DELETED = ' (deleted)';
const NAME_COLUMN = 73;

/** parseMaps reads the text of a maps file. */
export function parseMaps(text: string): Mapping[] {
  return parseLines(text.split('\n'));
}

/** parseCodeMaps reads only what may hold code: a program that compiles as it runs has thousands of other mappings. */
export function parseCodeMaps(text: string): Mapping[] {
  // No digit of an address is an x; only mappings with a name reach behind the column of names.
  const lines = text.split('\n').filter((line) => line.length > NAME_COLUMN || line.includes('x'));
  return parseLines(lines).filter((one) => one.isExecutable || isFileMapping(one));
}

function parseLines(lines: readonly string[]): Mapping[] {
  const mappings: Mapping[] = [];
  let lastShown = '';
  let lastPath = '';
  for (const line of lines) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, start = '', end = '', flags = '', offset = '', inode, shown = ''] = match;
    const isDeleted = shown.endsWith(DELETED);
    if (shown !== lastShown) {
      lastShown = shown;
      lastPath = ownText((isDeleted ? shown.slice(0, -DELETED.length) : shown).replaceAll('\\012', '\n'));
    }
    mappings.push({
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      isExecutable: flags[2] === 'x',
      fileOffset: Number.parseInt(offset, 16),
      inode: Number(inode),
      path: lastPath,
      isDeleted,
    });
  }
  return mappings;
}

/** A part of a text keeps the whole of it in memory; ASCII is easily copied. */
function ownText(part: string): string {
  return /^[\x20-\x7e]*$/.test(part) ? Buffer.from(part, 'latin1').toString('latin1') : part;
}

/** readMaps reads the mappings of a process; empty if it is gone or a kernel thread. */
export function readMaps(pid: number): Mapping[] {
  return parseMaps(readMapsText(pid));
}

/** readMapsBytes reads them as the kernel shows them, into memory that the next call writes to. */
export function readMapsBytes(pid: number): Buffer | undefined {
  return readProcFile(`/proc/${pid}/maps`);
}

/** readMapsText reads them as text. */
export function readMapsText(pid: number): string {
  const bytes = readMapsBytes(pid);
  return bytes === undefined ? '' : decodeBytes(bytes);
}

/** isFileMapping tells files from anonymous memory and the kernel's own mappings. */
export function isFileMapping(mapping: Mapping): boolean {
  return mapping.path.startsWith('/') && mapping.inode !== 0;
}

/** isSameFile says whether the mapping's path still leads to the file that was mapped, from here. */
export function isSameFile(mapping: Mapping): boolean {
  return inodeOf(mapping.path) === mapping.inode;
}

/** mappedFilePath says under which path the file of a mapping can be opened by this process, whose `root` may be known. */
export function mappedFilePath(pid: number, mapping: Mapping, root = processRoot(pid)): string {
  const range = `/proc/${pid}/map_files/${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
  if (mapping.isDeleted) return range;
  const candidates = pathsUnder(root, mapping.path);
  // The device number of overlay and btrfs files differs between maps and stat, so that the inode has to do.
  const found = candidates.find((path) => inodeOf(path) === mapping.inode);
  if (found !== undefined) return found;
  // Replaced since (an upgrade): the same path, another inode.
  return inodeOf(range) === undefined ? (candidates[0] ?? mapping.path) : range;
}

/** executablePath says under which path the program of a process can be opened. */
export function executablePath(pid: number): string {
  const link = `/proc/${pid}/exe`;
  try {
    const inode = inodeOf(link);
    return pathsUnder(processRoot(pid), readlinkSync(link)).find((path) => inodeOf(path) === inode) ?? link;
  } catch {
    return link;
  }
}

/** processRoot is what to put before an absolute path that is meant as the process sees it. */
export function processRoot(pid: number): string {
  return hasOwnRoot(pid) ? `/proc/${pid}/root` : '';
}

/** The kernel shows paths from our root where it can (chroot), else from the root of their mounts (containers). */
function pathsUnder(root: string, path: string): string[] {
  return root === '' ? [path] : [root + path, path];
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function hasOwnRoot(pid: number): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/root`) !== readlinkSync('/proc/self/root') ||
      readlinkSync(`/proc/${pid}/ns/mnt`) !== readlinkSync('/proc/self/ns/mnt')
    );
  } catch {
    return false;
  }
}
