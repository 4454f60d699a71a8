/**
 * Reading of scripts from files, as an interface with its real implementation: what a file may do wrong (absent, a
 * directory, too long, no text) becomes a finding, never an exception.
 */

import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createDiagnostic, type Diagnostic, type Source } from '../diagnostics/diagnostic.ts';
import { decodeBytes } from '../text/bytes.ts';
import { LIMITS } from './limits.ts';

const BYTE_ORDER_MARK = '\ufeff';

export type FileKind = 'file' | 'directory' | 'absent';

export interface ScriptFiles {
  kindOf(path: string): FileKind;
  /** Bytes of a file; an error's message where it cannot be read. */
  read(path: string): Uint8Array | string;
  /** Names in a directory, sorted. */
  list(path: string): readonly string[];
  /** The one name of a file, whatever links lead to it. */
  canonical(path: string): string;
  isWorldWritable(path: string): boolean;
}

/** LIVE_FILES asks the file system. */
export const LIVE_FILES: ScriptFiles = {
  kindOf(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? 'absent' : stat.isDirectory() ? 'directory' : 'file';
  },
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      return describeError(error);
    }
  },
  list(path) {
    try {
      return readdirSync(path).sort();
    } catch {
      return [];
    }
  },
  canonical(path) {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  },
  isWorldWritable(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & 0o002) !== 0;
  },
};

export interface ReadSource {
  readonly source?: Source;
  readonly diagnostics: readonly Diagnostic[];
}

/** readSource reads a script; `name` is how the user calls it. */
export function readSource(path: string, files: ScriptFiles = LIVE_FILES, name: string = path): ReadSource {
  const problem = (code: string, message: string): ReadSource => ({
    diagnostics: [createDiagnostic('error', code, message)],
  });
  const bytes = files.read(path);
  if (typeof bytes === 'string') return problem('file-unreadable', `failed to open file '${name}': ${bytes}`);
  return sourceFromBytes(bytes, name);
}

/** sourceFromBytes makes a source of what a file or standard input holds, if it is text. */
export function sourceFromBytes(bytes: Uint8Array, name: string): ReadSource {
  const problem = (code: string, message: string): ReadSource => ({
    diagnostics: [createDiagnostic('error', code, message)],
  });
  if (bytes.length > LIMITS.sourceLength)
    return problem('input-limit', `'${name}' is longer than ${LIMITS.sourceLength} bytes`);
  // Old scripts have names in Latin-1 in their comments; in a string such bytes go through as they are.
  // Nearly all are plain UTF-8, for which Node.js need not compile a decoder first: a quarter of a millisecond of each start.
  const text = isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    : decodeBytes(bytes);
  if (text.includes('\0')) {
    return problem('not-text', `'${name}' is not a script: a NUL byte stands at offset ${bytes.indexOf(0)}`);
  }
  return { source: { name, text: text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text }, diagnostics: [] };
}

const SYSTEM_ERRORS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'No such file or directory'],
  ['EACCES', 'Permission denied'],
  ['EISDIR', 'Is a directory'],
  ['ENOTDIR', 'Not a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
]);

function describeError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return SYSTEM_ERRORS.get(code) ?? (code === '' ? 'cannot be read' : code);
}
