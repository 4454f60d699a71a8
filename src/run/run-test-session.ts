/**
 * A session under `--test` or `--bench`: attaches what the script has besides, runs its test probes, collects what each
 * printed, and ends.
 */

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { RAW_STYLE } from '../output/style.ts';
import { createTextOutput } from '../output/text-output.ts';
import type { Session } from '../session/session.ts';
import { strftime } from '../text/strftime.ts';
import { createActionHandlers } from './actions.ts';
import { runTests } from './run-tests.ts';

export interface TestSessionOptions {
  readonly session: Session;
  readonly kind: 'test' | 'bench';
  readonly isJson: boolean;
  readonly write: (text: string) => void;
  readonly render: (diagnostic: Diagnostic) => string;
}

/** runTestSession gives the exit status and closes the session. */
export async function runTestSession({ session, render, ...options }: TestSessionOptions): Promise<number> {
  let text = '';
  let exitCode: number | undefined;
  const collector = {
    write: (part: string) => {
      text += part;
    },
  };
  const handlers = createActionHandlers(
    session.object.actions.map(({ action }) => action),
    {
      output: createTextOutput({ out: collector, errors: collector, style: RAW_STYLE, render, isQuiet: true }),
      session,
      config: session.object.config,
      formatNow: (format) => strftime(format, BigInt(Date.now()) * 1_000_000n),
      exit: (code) => {
        exitCode ??= code;
      },
      complain: (diagnostic) => collector.write(render(diagnostic)),
    },
  );
  const takeOutput = async (): Promise<{ text: string; exitCode: number | undefined }> => {
    text = '';
    exitCode = undefined;
    for (const { action, args } of session.poll()) await handlers[action.id]?.(args);
    return { text, exitCode };
  };
  try {
    await session.start();
    await takeOutput();
    const status = await runTests({ ...options, session, takeOutput });
    await session.stop();
    return status;
  } finally {
    await session.close();
  }
}
