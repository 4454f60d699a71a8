/**
 * What the script asks of user space, carried out in the order in which it happened: one handler per action, built
 * when the run starts, so that an event costs one call. A handler that must wait (a command that runs) returns a
 * promise, and nothing that came later is done before it.
 */

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { toInteger } from '../output/integers.ts';
import type { Output } from '../output/output.ts';
import { PcapFile } from '../output/pcap.ts';
import { printfFormatter } from '../output/printf.ts';
import { RAW_STYLE } from '../output/style.ts';
import type { Action, FormatString, ProgramConfig } from '../semantics/program.ts';
import type { Session } from '../session/session.ts';
import type { MapSnapshot, Value } from '../session/snapshot.ts';
import { decodeBytes, encodeText } from '../text/bytes.ts';
import { errorText, systemMessage } from '../text/error-texts.ts';
import { runShellCommand } from './shell-command.ts';

export type ActionHandler = (args: readonly Value[]) => undefined | Promise<void>;

type FormattedAction = Extract<Action, { readonly format: FormatString }>;

export interface ActionContext {
  readonly output: Output;
  readonly session: Pick<Session, 'snapshot' | 'printable' | 'clear' | 'zero' | 'unwatch'>;
  readonly config: ProgramConfig;
  /** `strftime` of the wall clock, now. */
  readonly formatNow: (format: string) => string;
  /** The script called `exit(code)`. */
  readonly exit: (code: number) => void;
  /** Says what went wrong in carrying out an action. */
  readonly complain: (diagnostic: Diagnostic) => void;
}

/** createActionHandlers gives the handlers, indexed by action id. */
export function createActionHandlers(actions: readonly Action[], context: ActionContext): readonly ActionHandler[] {
  const handlers: ActionHandler[] = [];
  const files = new Map<string, PcapFile>();
  for (const action of actions) handlers[action.id] = createHandler(action, context, files);
  return handlers;
}

/** mapsToPrint reads maps in the way that takes least where they are printed at once. */
export function mapsToPrint(
  session: Pick<Session, 'printable' | 'snapshot'>,
  names?: readonly string[],
): readonly MapSnapshot[] {
  return session.printable?.(names) ?? session.snapshot(names).maps;
}

function createHandler(action: Action, context: ActionContext, files: Map<string, PcapFile>): ActionHandler {
  const { output, session } = context;
  switch (action.kind) {
    case 'printf': {
      const format = printfFormatter(action.format, action.args, output.style);
      return (args) => {
        output.message('printf', format(args));
        return undefined;
      };
    }
    case 'errorf':
    case 'warnf': {
      const { kind, span } = action;
      const format = printfFormatter(action.format, action.args, output.style);
      return now((args) => output.report(kind, format(args), span));
    }
    case 'print': {
      const type = action.args[0] ?? { kind: 'none' };
      return now((args) => output.value(type, args[0] ?? 0));
    }
    case 'printMap': {
      const { map, top, div } = action;
      return now(() => {
        for (const printed of mapsToPrint(session, [map.name])) output.map(printed, { top, div });
      });
    }
    case 'clear':
      return now(() => session.clear(action.map.name));
    case 'zero':
      return now(() => session.zero(action.map.name));
    case 'time':
      return now(() => output.message('time', context.formatNow(action.format)));
    case 'join': {
      const { separator } = action;
      return now((args) => output.message('join', `${joinText(args, separator, output)}\n`));
    }
    case 'exit':
      return now((args) => context.exit(Number(toInteger(args[0] ?? 0)) & 0xff));
    case 'cat':
      return createCat(action, context);
    case 'system':
      return createSystem(action, context);
    case 'skboutput':
      return createPacketWriter(action, context, files);
    case 'helperError': {
      const { helper, message, span } = action;
      return now((args) => {
        const code = Number(toInteger(args[0] ?? 0));
        output.helperError({ message: message ?? errorText(code), helper, code, span });
      });
    }
    case 'runtimeError':
      return now(() => output.runtimeError(action.message, action.span));
    case 'unwatch':
      return now(([address]) => session.unwatch(BigInt.asUintN(64, BigInt(toInteger(address ?? 0)))));
  }
}

/** Wraps what is done at once. */
function now(handle: (args: readonly Value[]) => void): ActionHandler {
  return (args) => {
    handle(args);
    return undefined;
  };
}

/** Either one array of strings or the strings themselves; the first empty one is the end. */
function joinText(args: readonly Value[], separator: string, output: Output): string {
  const words = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  const end = words.findIndex((word) => word === '' || typeof word !== 'string');
  return words
    .slice(0, end < 0 ? words.length : end)
    .map((word) => output.style.traced(String(word)))
    .join(separator);
}

function createCat(action: FormattedAction, context: ActionContext): ActionHandler {
  const format = printfFormatter(action.format, action.args, RAW_STYLE);
  const { output, config } = context;
  return now((args) => {
    const path = format(args);
    try {
      output.message('cat', output.style.tracedLines(decodeBytes(readStart(path, config.maxCatBytes))));
    } catch (error) {
      context.complain(
        createDiagnostic('error', 'cat-failed', `failed to open file '${path}': ${systemMessage(error)}`, action.span),
      );
    }
  });
}

/** At most `limit` bytes; special files are opened without waiting for another end. */
function readStart(path: string, limit: number): Uint8Array {
  const fd = openSync(encodeText(path) as Buffer, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(limit);
    let length = 0;
    while (length < limit) {
      const count = readSync(fd, bytes, length, limit - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function createSystem(action: FormattedAction, context: ActionContext): ActionHandler {
  const format = printfFormatter(action.format, action.args, RAW_STYLE);
  const { output } = context;
  return async (args) => {
    const command = format(args);
    const result = await runShellCommand(command);
    output.message('syscall', `${output.style.tracedLines(result.output)}\n`);
    if (result.problem !== undefined) {
      context.complain(
        createDiagnostic('error', 'system-failed', `system("${command}"): ${result.problem}`, action.span),
      );
    }
  };
}

/** Calls that name the same file write to one. `files`: what has been opened in this run. */
function createPacketWriter(
  action: Extract<Action, { readonly kind: 'skboutput' }>,
  context: ActionContext,
  files: Map<string, PcapFile>,
): ActionHandler {
  let hasFailed = false;
  return now(([timeNs, packet, wholeLength]) => {
    if (hasFailed || typeof timeNs !== 'bigint' || !(packet instanceof Uint8Array)) return;
    try {
      const file = files.get(action.file) ?? new PcapFile(action.file);
      files.set(action.file, file);
      file.append(timeNs, packet, Number(wholeLength));
    } catch (error) {
      hasFailed = true;
      context.complain(
        createDiagnostic('error', 'pcap-failed', `cannot write '${action.file}': ${systemMessage(error)}`, action.span),
      );
    }
  });
}
