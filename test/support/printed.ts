/**
 * What a script prints, through the real compiler, kernel session and life cycle, without starting a process for it.
 */

import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { createJsonOutput } from '../../src/output/json-output.ts';
import { RAW_STYLE } from '../../src/output/style.ts';
import { createTextOutput } from '../../src/output/text-output.ts';
import { compileScript } from '../../src/run/compile-script.ts';
import { runSession } from '../../src/run/run-session.ts';
import { type CompileOptions, DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';
import { openSession } from '../../src/session/open-session.ts';
import { liveFacts } from './run-script.ts';

export interface Printed {
  readonly out: string;
  readonly errors: string;
  readonly status: number;
}

class Sink {
  text = '';
  readonly isFull = false;
  readonly failure = undefined;
  write(text: string): void {
    this.text += text;
  }
  flush(): void {}
  async drain(): Promise<void> {}
  async settle(): Promise<void> {}
}

/** printed runs a script to its end; findings that stop it are in `errors`. */
export async function printed(
  text: string,
  format: 'text' | 'json' = 'text',
  options: Partial<CompileOptions> = {},
): Promise<Printed> {
  const facts = liveFacts();
  const { object, diagnostics } = compileScript({ name: 'stdin', text }, facts, {
    ...DEFAULT_OPTIONS,
    isUnsafe: true,
    ...options,
  });
  if (!object) return { out: '', errors: diagnostics.map((finding) => renderDiagnostic(finding)).join(''), status: 1 };
  const out = new Sink();
  const errors = new Sink();
  const output =
    format === 'json'
      ? createJsonOutput({ out })
      : createTextOutput({ out, errors, style: RAW_STYLE, render: renderDiagnostic });
  const status = await runSession({
    session: openSession(object, { facts }),
    output,
    out,
    errors,
    complain: (diagnostic) => errors.write(renderDiagnostic(diagnostic)),
  });
  return { out: out.text, errors: errors.text, status };
}
