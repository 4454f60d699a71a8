/**
 * /proc/PID/maps as data, and how a file a process has mapped can be opened from here: through the process's root where
 * its mount namespace is another one, through /proc/PID/map_files where the file was deleted or replaced.
 */

import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { decodeBytes } from '../../text/bytes.ts';

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

/** parseMaps reads the text of a maps file. */
export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, start = '', end = '', flags = '', offset = '', inode, shown = ''] = match;
    const isDeleted = shown.endsWith(DELETED);
    const path = isDeleted ? shown.slice(0, -DELETED.length) : shown;
    mappings.push({
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      isExecutable: flags[2] === 'x',
      fileOffset: Number.parseInt(offset, 16),
      inode: Number(inode),
      path: path.replaceAll('\\012', '\n'),
      isDeleted,
    });
  }
  return mappings;
}

/** readMaps reads the mappings of a process; empty if it is gone or a kernel thread. */
export function readMaps(pid: number): Mapping[] {
  try {
    return parseMaps(decodeBytes(readFileSync(`/proc/${pid}/maps`)));
  } catch {
    return [];
  }
}

/** isFileMapping tells files from anonymous memory and the kernel's own mappings. */
export function isFileMapping(mapping: Mapping): boolean {
  return mapping.path.startsWith('/') && mapping.inode !== 0;
}

/** mappedFilePath says under which path the file of a mapping can be opened by this process. */
export function mappedFilePath(pid: number, mapping: Mapping): string {
  const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
  if (mapping.isDeleted) return `/proc/${pid}/map_files/${range}`;
  const path = pathInProcess(pid, mapping.path);
  try {
    // Replaced since (an upgrade): the same path, another inode. The device number of overlay and btrfs files
    // differs between maps and stat, so that the inode has to do.
    if (statSync(path).ino === mapping.inode) return path;
    return `/proc/${pid}/map_files/${range}`;
  } catch {
    return path;
  }
}

/** pathInProcess turns a path as the process sees it into one that this process can open. */
export function pathInProcess(pid: number, path: string): string {
  return hasOwnRoot(pid) ? `/proc/${pid}/root${path}` : path;
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
