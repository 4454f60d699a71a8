/**
 * Runs a script in this process as the command line runs it, text output and all, against something that happens while its
 * probes are attached. Cheaper than a process of its own, which counts where Node is slow to start.
 */

import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { RAW_STYLE } from '../../src/output/style.ts';
import { createTextOutput } from '../../src/output/text-output.ts';
import { compileScript } from '../../src/run/compile-script.ts';
import { runSession } from '../../src/run/run-session.ts';
import { type CompileOptions, DEFAULT_OPTIONS } from '../../src/semantics/compile-options.ts';
import { openSession } from '../../src/session/open-session.ts';
import { SessionError } from '../../src/session/session.ts';
import { liveFacts } from './run-script.ts';
import { Workload } from './workload.ts';

export interface TracedRun {
  /** What the script printed. */
  readonly output: string;
  /** What was said about the run, findings as the user sees them. */
  readonly messages: string;
}

/** traceText runs a script until `workload` is over. Refusals are in `messages`. */
export async function traceText(
  script: string,
  workload: () => unknown,
  options: Partial<CompileOptions> = {},
): Promise<TracedRun> {
  const out = new Collected();
  const errors = new Collected();
  const complain = (finding: Parameters<typeof renderDiagnostic>[0]) => errors.write(renderDiagnostic(finding));
  const compiled = compileScript({ name: 'stdin', text: script }, liveFacts(), { ...DEFAULT_OPTIONS, ...options });
  for (const finding of compiled.diagnostics) complain(finding);
  const run = () => ({ output: out.text, messages: errors.text });
  if (!compiled.object) return run();
  let isRunning = true;
  let failure: unknown;
  try {
    await runSession({
      session: openSession(compiled.object, {
        facts: liveFacts(),
        ...(options.pid !== undefined && { pid: options.pid }),
      }),
      output: createTextOutput({ out, errors, style: RAW_STYLE, render: renderDiagnostic }),
      out,
      errors,
      complain,
      notifyAttached: () => {
        Promise.resolve()
          .then(workload)
          .catch((error) => {
            failure = error;
          })
          .finally(() => {
            isRunning = false;
          });
      },
      process: {
        get isRunning() {
          return isRunning;
        },
      },
    });
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    for (const finding of error.diagnostics) complain(finding);
  }
  if (failure !== undefined) throw failure;
  return run();
}

/** traceWorkload starts the program waiting, and traces it from its first step until it prints a line. */
export async function traceWorkload(
  [command = '', ...args]: readonly string[],
  script: (pid: number) => string,
  options: Partial<CompileOptions> & { readonly isScoped?: boolean } = {},
): Promise<TracedRun> {
  const { isScoped, ...rest } = options;
  const workload = await Workload.start(command, args);
  try {
    return await traceText(
      script(workload.pid),
      () => {
        const line = workload.nextLine();
        workload.go();
        return line;
      },
      isScoped ? { ...rest, pid: workload.pid } : rest,
    );
  } finally {
    workload.kill();
  }
}

class Collected {
  readonly isFull = false;
  readonly failure = undefined;
  text = '';

  write(text: string): void {
    this.text += text;
  }

  flush(): void {}

  async drain(): Promise<void> {}
  async settle(): Promise<void> {}
}
