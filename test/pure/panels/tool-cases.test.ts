/** That every tool is shown to find something known, and where: a new tool without a case, or with one that shows nothing, fails. */

import { describe, expect, it } from 'vitest';
import { readTools } from '../../../src/panels/library.ts';
import { TOOL_CASES } from '../../support/tool-cases.ts';

const BUNDLED = new URL('../../../scripts-library', import.meta.url).pathname;
const names = readTools([{ path: BUNDLED, isBundled: true }]).map(({ name }) => name);

/** Tools that are only loaded and attached, as nothing known can be made to happen to them. */
const ONLY_ATTACHED: readonly string[] = [];

describe('the cases of the tools', () => {
  it('are for every tool, and for no other', () => {
    expect([...new Set(TOOL_CASES.map(({ tool }) => tool))].sort()).toEqual(names);
  });

  it('show something known, but for those that say why not', () => {
    const silent = TOOL_CASES.filter((row) => row.expect === undefined);
    expect(silent.map(({ tool }) => tool).sort()).toEqual(ONLY_ATTACHED);
    for (const { why } of silent) expect(why).toMatch(/\w/);
  });

  it.each(TOOL_CASES.filter((row) => row.expect !== undefined))('$tool cannot be shown by an empty run', (row) => {
    expect('Attached 1 probe\n\n\n@bytes: 0\n').not.toMatch(row.expect ?? /./);
  });
});
