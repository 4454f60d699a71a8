/**
 * The dashboard on this machine, put together from what the command line and the configuration file say: the one function
 * that `src/cli` calls.
 */

import type { Diagnostic } from '../src/diagnostics/diagnostic.ts';
import type { LiveKernelFacts } from '../src/kernel/live.ts';
import type { Tool } from '../src/panels/library.ts';
import type { CompileOptions } from '../src/semantics/compile-options.ts';
import { configFolder, loadConfig, stateFolder } from './config.ts';
import { runDashboard } from './main.tsx';
import { createLiveServices } from './sources/live-services.ts';
import { createPanelRecorder } from './state/panel-recorder.ts';
import { isUnicodeLocale } from './theme/color-depth.ts';

export interface OpenDashboardOptions {
  readonly facts: LiveKernelFacts;
  readonly compile: CompileOptions;
  readonly tools: readonly Tool[];
  /** The script or tool to show; without one, the overview. */
  readonly script?: { readonly name: string; readonly text: string; readonly parameters: readonly string[] };
  readonly intervalMs?: number;
  /** Percent of one CPU. */
  readonly budget?: number;
  readonly theme?: string;
  readonly isAscii?: boolean;
  readonly missingPrivilege?: () => Diagnostic | undefined;
}

/** The panels that find most incidents, most telling first: a small terminal shows the first few. */
export const OVERVIEW: readonly string[] = [
  'sysprocs',
  'runqlat',
  'biotop',
  'profile',
  'biolatency',
  'syserrors',
  'fileslow',
  'tcpconnect',
  'tcpretrans',
  'execsnoop',
  'faults',
  'reclaim',
];

/** openDashboard runs until the user leaves; resolves with the exit code. */
export async function openDashboard(options: OpenDashboardOptions): Promise<number> {
  const folder = configFolder();
  const { config, problems } = loadConfig(folder);
  const { script } = options;
  const theme = options.theme ?? config.theme;
  const names = new Set(options.tools.map((tool) => tool.name));
  return runDashboard({
    services: createLiveServices({
      facts: options.facts,
      // A dozen panels are read several times a second: each needs less room for events than a single run that prints.
      compile: { ...options.compile, env: { BPFTRACE_PERF_RB_PAGES: '64', ...options.compile.env } },
      // Debug information of whatever runs costs more memory than all else: for who asks for one script only.
      hasLines: script !== undefined,
      ...(options.missingPrivilege !== undefined && { missingPrivilege: options.missingPrivilege }),
    }),
    tools: options.tools,
    initial: script !== undefined ? [script] : (config.panels ?? OVERVIEW.filter((name) => names.has(name))),
    isFull: script !== undefined,
    intervalMs: options.intervalMs ?? (config.interval ?? 1) * 1000,
    budget: (options.budget ?? config.budget ?? 5) / 100,
    historyBytes: (config.history ?? 12) << 20,
    configFolder: folder,
    stateFolder: stateFolder(),
    isAscii: options.isAscii ?? config.ascii ?? !isUnicodeLocale(process.env),
    hasMouse: config.mouse ?? false,
    createRecorder: createPanelRecorder,
    ...(theme !== undefined && { theme }),
    ...(config.colors !== undefined && { colorDepth: config.colors }),
    ...(config.keys !== undefined && { keys: config.keys }),
    findings: problems,
  });
}
