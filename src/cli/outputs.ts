/**
 * The streams of a run and the format on them, as the options ask: where output goes, how it is buffered, whether a
 * terminal is to be protected.
 */

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import { createCsvOutput } from '../output/csv-output.ts';
import { createFoldedOutput } from '../output/folded-output.ts';
import { createJsonOutput } from '../output/json-output.ts';
import type { Output } from '../output/output.ts';
import { RAW_STYLE, TERMINAL_STYLE } from '../output/style.ts';
import { createTextOutput } from '../output/text-output.ts';
import { type Buffering, isSameTerminal, openFile, Writer } from '../output/writer.ts';
import type { Flags } from './command-line.ts';
import { isColored } from './console.ts';

export interface RunStreams {
  readonly out: Writer;
  readonly errors: Writer;
  readonly output: Output;
  readonly complain: (diagnostic: Diagnostic) => void;
  readonly render: (diagnostic: Diagnostic) => string;
  /** Prints a line on the standard output itself, also with `-o`. */
  readonly announce: (line: string) => void;
  finish(): Promise<void>;
}

/** openStreams throws the system's error if the file of `-o` cannot be written. */
export function openStreams(flags: Flags): RunStreams {
  const buffering = (flags.buffering ?? 'line') as Buffering;
  const standard = new Writer(1, { buffering });
  const out = flags.output === undefined ? standard : openFile(flags.output, buffering);
  // One terminal shows both: one queue keeps their lines in order.
  const errors = flags.output === undefined && isSameTerminal(1, 2) ? standard : new Writer(2);
  const hasColor = isColored(process.env);
  const render = (diagnostic: Diagnostic): string => renderDiagnostic(diagnostic, { isColored: hasColor });
  const complain = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === 'error' || !flags['no-warnings']) errors.write(render(diagnostic));
  };
  return {
    out,
    errors,
    output: createOutput(flags, out, errors, render),
    complain,
    render,
    announce: (line) => {
      standard.write(`${line}\n`);
      standard.flush();
    },
    finish: async () => {
      await Promise.all([...new Set([out, errors, standard])].map((writer) => writer.finish()));
    },
  };
}

function createOutput(flags: Flags, out: Writer, errors: Writer, render: (diagnostic: Diagnostic) => string): Output {
  const isQuiet = flags.quiet;
  const hidesWarnings = flags['no-warnings'];
  const style = out.isTerminal ? TERMINAL_STYLE : RAW_STYLE;
  const text = { out, errors, style, render, isQuiet, hidesWarnings };
  switch (flags.format) {
    case 'json':
      return createJsonOutput({
        out,
        isTerminal: out.isTerminal,
        isQuiet,
        hidesWarnings,
        ...(flags.timestamps && { timestamp: () => new Date().toISOString() }),
      });
    case 'csv':
      return createCsvOutput(out, createTextOutput(text));
    case 'folded': {
      const errorStyle = errors.isTerminal ? TERMINAL_STYLE : RAW_STYLE;
      return createFoldedOutput(out, style, createTextOutput({ ...text, out: errors, style: errorStyle }));
    }
    default:
      return createTextOutput(text);
  }
}
