import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/panels/header.ts';
import { chooseVariant, readTools, type Tool } from '../../../src/panels/library.ts';
import { unmetNeeds } from '../../../src/panels/needs.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const BUNDLED = new URL('../../../scripts-library', import.meta.url).pathname;

describe('unmetNeeds', () => {
  const facts = recordedFacts();
  it.each([
    ['tracepoint:sched:sched_switch', true],
    ['tracepoint:sched:no_such_event', false],
    ['field:task_struct.pid', true],
    ['field:task_struct.no_such_member', false],
    ['field:no_such_struct.pid', false],
    ['a remark that no check knows', true],
  ])('%s is met: %s', (need, isMet) => {
    expect(unmetNeeds([need], facts)).toEqual(isMet ? [] : [need]);
  });
});

describe('variants', () => {
  let folder = '';
  let tool: Tool | undefined;
  const write = (name: string, need: string) =>
    writeFileSync(join(folder, name), `/*\n * look - see\n *\n * needs: ${need}\n */\nBEGIN { }\n`);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bptop-tools-'));
    write('look.bt', 'field:task_struct.no_such_member');
    write('look@old.bt', 'field:task_struct.pid');
    [tool] = readTools([{ path: folder, isBundled: true }]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('belong to their tool and are none of their own', () => {
    expect(readTools([{ path: folder, isBundled: true }]).map(({ name }) => name)).toEqual(['look']);
    expect(tool?.variants.map(({ name }) => name)).toEqual(['look@old']);
  });

  it('the first that the kernel can serve is chosen', () => {
    const choice = tool && chooseVariant(tool, recordedFacts());
    expect(choice && 'tool' in choice && choice.tool.name).toBe('look@old');
  });

  it('names what is missing where none can be served', () => {
    const choice = tool && chooseVariant({ ...tool, variants: [] }, recordedFacts());
    expect(choice).toEqual({ unmet: ['field:task_struct.no_such_member'] });
  });
});

describe('the bundled tools', () => {
  const tools = readTools([{ path: BUNDLED, isBundled: true }]);
  const everyFile = tools.flatMap((tool) => [tool, ...tool.variants]);

  it('are at least sixty', () => {
    expect(tools.length).toBeGreaterThanOrEqual(60);
  });

  it.each(everyFile)('$name has a header without mistakes', ({ name, path, text, description }) => {
    expect(parseHeader({ name: path, text }, name).diagnostics).toEqual([]);
    const { summary, title, group, high, overhead } = description;
    expect({ summary, title, group, high, overhead }).not.toContainEqual('');
    for (const value of [summary, title, group, high, overhead]) expect(value).not.toBe('');
    expect(path).toContain(`/${group}/`);
  });

  it.each(tools)('$name names only tools that exist as the next ones', ({ description }) => {
    const names = tools.map(({ name }) => name);
    expect(description.next.filter((next) => !names.includes(next))).toEqual([]);
  });
});
