/**
 * The dashboard as the command line starts it: a frame first, then the first panel's probes, and Ink, which takes a tenth of
 * a second to load, while the others attach. React's development build would double the cost of every commit.
 */

import { nearestName } from '../src/diagnostics/nearest.ts';
import type { Tool } from '../src/panels/library.ts';
import { calmEngine, spareMemory } from './memory.ts';
import { Dashboard, type DashboardOptions } from './state/dashboard.ts';
import { plainLines, TextOverlay } from './state/overlay.ts';
import type { Panel } from './state/panel.ts';
import { TerminalShell, type TerminalShellOptions } from './terminal-shell.ts';

export interface RunDashboardOptions extends Omit<DashboardOptions, 'now'>, TerminalShellOptions {
  /** Panels open at first: names of tools, or scripts. */
  readonly initial: readonly (
    | string
    | { readonly name: string; readonly text: string; readonly parameters?: readonly string[] }
  )[];
  /** Show the only panel full screen at once. */
  readonly isFull?: boolean;
  /** Called with the dashboard before its first frame: replay feeds it. */
  readonly onReady?: (dashboard: Dashboard) => void;
  /** Shown for a while at the start. */
  readonly notice?: string;
  /** Mistakes in the configuration: shown in full until a key is pressed. */
  readonly findings?: readonly string[];
}

/** Until the first frames with all panels have been drawn. */
const SETTLE_MS = 1500;
/** Collecting takes longer than a key may wait: it waits for a pause between keys instead, but not for ever. */
const PAUSE_MS = 1000;
const MOST_PAUSES = 30;

/** runDashboard takes over the terminal until the user leaves; resolves with the exit code. */
export async function runDashboard(options: RunDashboardOptions): Promise<number> {
  process.env['NODE_ENV'] ??= 'production';
  calmEngine();
  const dashboard = new Dashboard(options);
  const unknown: string[] = [];
  dashboard.panels = options.initial.flatMap((item): readonly Panel[] => {
    if (typeof item !== 'string') return [dashboard.createPanel(item.name, item.text, [], item.parameters)];
    const tool = options.tools.find((candidate) => candidate.name === item);
    if (tool === undefined) unknown.push(item);
    return tool === undefined ? [] : [dashboard.createToolPanel(tool)];
  });
  dashboard.isFull = options.isFull === true && dashboard.panels.length > 0;
  const shell = new TerminalShell(dashboard, options);
  shell.enter();
  if (options.notice !== undefined) dashboard.tell(options.notice, 'warning');
  const findings = [...(options.findings ?? []), ...unknown.map((name) => unknownTool(name, options.tools))];
  if (findings.length > 0)
    dashboard.show(
      new TextOverlay(
        'Configuration',
        findings.flatMap((finding) => plainLines(finding, 'warning')),
      ),
    );
  const ending = shell.ended();
  options.onReady?.(dashboard);
  shell.show();
  dashboard.start();
  await dashboard.firstData();
  const { renderApp } = await import('./components/render-app.tsx');
  shell.mount(renderApp);
  const spare = (pauses: number): void => {
    if (pauses > 0 && shell.restingMs < PAUSE_MS) setTimeout(spare, PAUSE_MS, pauses - 1).unref();
    else spareMemory();
  };
  void dashboard.settled().then(() => setTimeout(spare, SETTLE_MS, MOST_PAUSES).unref());
  return ending;
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  const near = nearestName(
    name,
    tools.map((tool) => tool.name),
  );
  return `'panels' names a tool that is not there: '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`;
}
