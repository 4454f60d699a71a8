/**
 * What the command line says about itself: diagnostics on stderr, in colour where a person looks at them.
 */

import { writeSync } from 'node:fs';
import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import { isTerminal } from '../output/terminal.ts';

/** isColored decides by BPFTRACE_COLOR and NO_COLOR, else by whether both streams are terminals. */
export function isColored(env: NodeJS.ProcessEnv): boolean {
  const wish = env['BPFTRACE_COLOR'];
  if (wish === 'always') return true;
  if (wish === 'never' || env['NO_COLOR']) return false;
  return isTerminal(1) && isTerminal(2);
}

/** printDiagnostics writes findings to stderr at once. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  writeDiagnostics(2, diagnostics);
}

/** printWarnings writes the warnings of the compiler to stdout, before the run, as bpftrace does. */
export function printWarnings(diagnostics: readonly Diagnostic[]): void {
  writeDiagnostics(
    1,
    diagnostics.filter(({ severity }) => severity === 'warning'),
  );
}

/** A check that finds nothing need not ask whether its output is a terminal. */
function writeDiagnostics(fd: number, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  writeAll(fd, renderDiagnostics(diagnostics, { isColored: isColored(process.env) }));
}

/** fail prints one error without a place and gives the exit status for it. */
export function fail(code: string, message: string, ...hints: readonly string[]): number {
  printDiagnostics([createDiagnostic('error', code, message, undefined, { hints })]);
  return 1;
}

/** writeAll writes text whole, also to a pipe that takes it in pieces; a reader that is gone is no error. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; ) {
    try {
      start += writeSync(fd, bytes, start);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
