/**
 * A headless run: compiles the program, opens a session on the kernel, hands both to the life cycle in src/run.
 */

import type { BpfObject } from '../../codegen/object.ts';
import { createDiagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { LiveKernelFacts } from '../../kernel/live.ts';
import { startChild, type TracedChild } from '../../run/child.ts';
import { compileScript } from '../../run/compile-script.ts';
import { endActions } from '../../run/end-actions.ts';
import { type ProcessWatch, watchProcess } from '../../run/process-watch.ts';
import { runSession } from '../../run/run-session.ts';
import { runTestSession } from '../../run/run-test-session.ts';
import { openSession } from '../../session/open-session.ts';
import { namesUserCode, openProcessNotices } from '../../session/process-notices.ts';
import { SessionError } from '../../session/session.ts';
import { systemResolver } from '../../session/system-resolver.ts';
import { systemMessage } from '../../text/error-texts.ts';
import { type CommandLine, debugStages, type Flags } from '../command-line.ts';
import { compileOptions } from '../compile-options.ts';
import { fail, printDiagnostics, printWarnings, writeAll } from '../console.ts';
import { parameterHelp } from '../help.ts';
import { openFacts, problemsOf } from '../kernel-facts.ts';
import { openStreams, type RunStreams } from '../outputs.ts';
import { missingPrivilege } from '../privileges.ts';
import { readProgram } from '../program-source.ts';

/** bpftrace's status when the kernel refuses. */
const REFUSED = 255;
const VERBOSE_LOG_LINES = 40;

/** runHeadless runs the program of the command line and gives the exit status; facts that are already read are used. */
export async function runHeadless(commandLine: CommandLine, known?: LiveKernelFacts): Promise<number> {
  const { flags } = commandLine;
  const source = readProgram(commandLine.program);
  if ('severity' in source) return refuse(source);
  const missing = missingPrivilege();
  if (missing) return refuse(missing);
  const watched = flags.pid === undefined ? undefined : watchProcess(Number(flags.pid));
  if (flags.pid !== undefined && !watched) return fail('no-process', `there is no process with pid ${flags.pid}`);
  const child = flags.cmd === undefined ? undefined : startChild(flags.cmd);
  if (typeof child === 'string') return fail('command-failed', child);
  try {
    const facts = known ?? openFacts(flags);
    const script = compileScript(source, facts, compileOptions(commandLine, child?.pid));
    const { parameters = [] } = script;
    if (commandLine.named.has('help') && !parameters.some(({ name }) => name === 'help')) {
      writeAll(1, parameterHelp(parameters));
      return 1;
    }
    if (!script.object) return refuse(...script.diagnostics, ...problemsOf(facts));
    if (!flags['no-warnings']) printWarnings([...uselessOptions(flags), ...script.diagnostics]);
    const object = testKind(flags) ? script.object : withoutTests(script.object);
    if (object.programs.length === 0) return fail('no-probes', 'No probes to attach');
    const { program } = script;
    return await runObject(object, facts, commandLine, {
      ...(program && { endActions: () => endActions(program) }),
      ...(child && { child }),
      ...(watched && { process: watched }),
    });
  } finally {
    child?.terminate();
  }
}

/** An option that is accepted for the sake of old command lines must not look as if it did something. */
function uselessOptions(flags: Flags): readonly Diagnostic[] {
  if (flags['dwarf-pid'] === undefined) return [];
  const message = '--dwarf-pid has no effect: user stacks are unwound by frame pointers';
  return [createDiagnostic('warning', 'no-effect', message)];
}

interface RunParts {
  readonly endActions?: () => ReadonlySet<number>;
  readonly child?: TracedChild;
  readonly process?: ProcessWatch;
}

async function runObject(
  object: BpfObject,
  facts: LiveKernelFacts,
  commandLine: CommandLine,
  parts: RunParts,
): Promise<number> {
  const { flags } = commandLine;
  const streams = tryOpenStreams(commandLine);
  if ('severity' in streams) return refuse(streams);
  // Listening starts before anything is attached: a process may be over before its first stack is read.
  const notices = flags.pid === undefined && namesUserCode(object) ? openProcessNotices(facts) : undefined;
  try {
    const resolver = systemResolver(object.config, () => facts.functions.symbols, notices?.history);
    if (parts.child) resolver.observe(parts.child.pid);
    const session = openSession(object, {
      facts,
      resolver,
      ...(flags.pid !== undefined && { pid: Number(flags.pid) }),
    });
    const kind = testKind(flags);
    if (kind) {
      const write = (text: string): void => streams.out.write(text);
      return await runTestSession({ session, kind, isJson: flags.format === 'json', write, render: streams.render });
    }
    return await runSession({
      session,
      output: streams.output,
      out: streams.out,
      errors: streams.errors,
      complain: streams.complain,
      tell: (text) => streams.errors.write(text),
      ...parts,
      ...(process.env['__BPFTRACE_NOTIFY_PROBES_ATTACHED'] !== undefined && {
        notifyAttached: () => streams.announce('__BPFTRACE_NOTIFY_PROBES_ATTACHED'),
      }),
      isDryRun: flags['dry-run'],
      ...(flags.interval !== undefined && { intervalMs: Number(flags.interval) * 1000 }),
      isOnce: flags.once,
    });
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    for (const diagnostic of error.diagnostics) streams.complain(diagnostic);
    if (error.log !== undefined) streams.errors.write(verifierLog(error.log, flags));
    return REFUSED;
  } finally {
    notices?.close();
    await streams.finish();
  }
}

function tryOpenStreams({ flags }: CommandLine): RunStreams | Diagnostic {
  try {
    return openStreams(flags);
  } catch (error) {
    const reason = systemMessage(error);
    return createDiagnostic('error', 'output-failed', `Failed to open output file: "${flags.output}": ${reason}`);
  }
}

function testKind({ test, bench, mode }: Flags): 'test' | 'bench' | undefined {
  if (test || mode === 'test') return 'test';
  return bench || mode === 'bench' ? 'bench' : undefined;
}

/** Probes of `test:` and `bench:` have no part in an ordinary run: not loaded, not counted, not waited for. */
function withoutTests(object: BpfObject): BpfObject {
  const isTest = (provider: string): boolean => provider === 'test' || provider === 'bench';
  const programs = object.programs.filter(
    ({ attachments }) =>
      !attachments.some((one) => one.kind === 'run' && one.sites.some((site) => isTest(site.provider))),
  );
  return { ...object, programs };
}

/** `-v` shows how the verifier's log ends, `-d verifier` all of it: it may be megabytes long. */
function verifierLog(log: string, flags: Flags): string {
  if (debugStages(flags).has('verifier')) return `${log}\n`;
  if (!flags.verbose) return '';
  const lines = log.trimEnd().split('\n');
  const shown = lines.slice(-VERBOSE_LOG_LINES);
  const hidden = lines.length - shown.length;
  return `${hidden > 0 ? `… ${hidden} lines before these; -d verifier shows all\n` : ''}${shown.join('\n')}\n`;
}

function refuse(...diagnostics: readonly Diagnostic[]): number {
  printDiagnostics(diagnostics);
  return 1;
}
