/**
 * That the header of every bundled tool says all there is to say: what it shows, what a high value means and where to look
 * next, each column with its unit, what it costs, what it needs, its parameters.
 */

import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTools, type Tool } from '../../../src/panels/library.ts';

const BUNDLED = new URL('../../../scripts-library', import.meta.url).pathname;
const scripts = readTools([{ path: BUNDLED, isBundled: true }]).flatMap((tool) => [tool, ...tool.variants]);

/** Lines that are sentences need no heading. */
const SENTENCES = /^(cgroup|oomkill)/;

/** The script without comments and strings. */
function code({ text }: Tool): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

function usedMaps(tool: Tool): readonly string[] {
  return [...new Set([...code(tool).matchAll(/@\w+/g)].map(([name]) => name))].sort();
}

/** Parts of the map's key, by the commas of its first use. */
function keyParts(tool: Tool, map: string): number {
  const [, key] = new RegExp(`${map}\\[((?:[^[\\]]|\\[[^\\]]*\\])*)\\]`).exec(code(tool)) ?? [];
  return key === undefined ? 0 : key.replace(/\[[^\]]*\]|\([^)]*\)/g, '').split(',').length;
}

describe.each(scripts)('$name', (tool) => {
  const { description } = tool;

  it('names itself and is described', () => {
    expect(description.name).toBe(basename(tool.path, '.bt').replace(/@.*/, ''));
    for (const field of ['summary', 'title', 'group', 'high', 'overhead'] as const)
      expect(description[field], field).toMatch(/\w/);
    expect(description.next.length, 'next').toBeGreaterThan(0);
    expect(description.needs.length, 'needs').toBeGreaterThan(0);
  });

  it('describes every map, and no other', () => {
    expect(description.maps.map(({ map }) => map).sort()).toEqual(usedMaps(tool));
  });

  it('gives every map that is shown a view, a unit and its columns', () => {
    for (const { map, kind, unit, columns = [], isHidden } of description.maps) {
      if (isHidden) continue;
      expect(kind, `${map}: its view`).toBeDefined();
      const hasUnit = unit !== undefined || columns.some((column) => column.unit !== undefined);
      expect(hasUnit, `${map}: its unit`).toBe(true);
      expect(columns.length, `${map}: a column per part of its key`).toBeGreaterThanOrEqual(keyParts(tool, map));
    }
  });

  it('heads the lines it prints', () => {
    const prints = [...tool.text.matchAll(/^(\w[\w:]*|BEGIN)[\s\S]*?^}/gm)].some(
      ([probe]) => !/^(BEGIN|END)/.test(probe) && /\bprintf\(/.test(probe),
    );
    if (prints && !SENTENCES.test(tool.name)) expect(tool.text).toMatch(/^BEGIN\n\{[\s\S]*?printf\("[^"]*%-?\d*s/m);
  });

  it('uses each parameter, and says what it is and its default', () => {
    const used = [...new Set([...code(tool).matchAll(/\$(\d)/g)].map(([, digit]) => Number(digit)))].sort();
    expect(description.parameters.map(({ position }) => position)).toEqual(used);
    for (const { name, summary, defaultValue } of description.parameters) {
      expect(summary, name).toMatch(/\w/);
      expect(defaultValue, name).toMatch(/^\d+$/);
    }
  });
});
