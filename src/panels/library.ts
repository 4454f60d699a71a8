/**
 * The tools at hand: the bundled scripts and the user's own. A file is a tool; its header comment describes it. A user's
 * tool of the same name takes the place of a bundled one. `NAME@WHAT.bt` is the same tool for kernels that lack what
 * `NAME.bt` needs.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { KernelFacts } from '../kernel/facts.ts';
import type { PanelDescription } from './description.ts';
import { parseHeader } from './header.ts';
import { unmetNeeds } from './needs.ts';

export interface Tool {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly description: PanelDescription;
  readonly isBundled: boolean;
  /** The same tool written for other kernels, to be tried in order where this one's needs are not met. */
  readonly variants: readonly Tool[];
}

/** chooseVariant gives the first of a tool's variants that the kernel can serve, or what even the tool itself lacks. */
export function chooseVariant(
  tool: Tool,
  facts: KernelFacts,
): { readonly tool: Tool } | { readonly unmet: readonly string[] } {
  const unmet = unmetNeeds(tool.description.needs, facts);
  if (unmet.length === 0) return { tool };
  const other = tool.variants.find((variant) => unmetNeeds(variant.description.needs, facts).length === 0);
  return other === undefined ? { unmet } : { tool: other };
}

/** isOfUserSpace says whether a tool's probes are in programs and libraries, where every process that passes one pays. */
export function isOfUserSpace({ description }: Tool): boolean {
  return description.needs.some((need) => /^(?:uprobe|usdt):/.test(need));
}

/** readTools reads every `.bt` file of the folders (and their subfolders); later folders win. */
export function readTools(folders: readonly { readonly path: string; readonly isBundled: boolean }[]): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const folder of folders) {
    const found = scriptsIn(folder.path).flatMap((path) => readTool(path, folder.isBundled) ?? []);
    for (const tool of found) {
      if (tool.name.includes('@')) continue;
      tools.set(tool.name, { ...tool, variants: found.filter(({ name }) => name.startsWith(`${tool.name}@`)) });
    }
  }
  return [...tools.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** readTool reads one script; undefined if it cannot be read. */
export function readTool(path: string, isBundled: boolean): Tool | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const name = basename(path, '.bt');
  const { description } = parseHeader({ name: path, text }, name);
  return { name, path, text, description, isBundled, variants: [] };
}

function scriptsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.bt'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    // No folder, no tools: a user without any is the usual case.
    return [];
  }
}
