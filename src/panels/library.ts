/**
 * The tools at hand: the bundled scripts and the user's own. A file is a tool; its header comment describes it. A user's
 * tool of the same name takes the place of a bundled one.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PanelDescription } from './description.ts';
import { parseHeader } from './header.ts';

export interface Tool {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly description: PanelDescription;
  readonly isBundled: boolean;
}

/** readTools reads every `.bt` file of the folders (and their subfolders); later folders win. */
export function readTools(folders: readonly { readonly path: string; readonly isBundled: boolean }[]): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const folder of folders)
    for (const path of scriptsIn(folder.path)) {
      const tool = readTool(path, folder.isBundled);
      if (tool !== undefined) tools.set(tool.name, tool);
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
  return { name, path, text, description, isBundled };
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
