import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileScript } from '../../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { bundledTools, indexPage, PAGES, toolPage } from '../../../src/setup/tool-pages.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const groups = bundledTools();
const page = (name: string) => readFileSync(join(PAGES, `${name}.md`), 'utf8');

describe('docs/tools', () => {
  it.each([...groups])('%s.md is what the headers say (npx tsx src/setup/tool-pages.ts)', (group, tools) => {
    expect(page(group)).toBe(toolPage(group, tools, page(group)));
  });

  it('README.md lists every group', () => {
    expect(page('README')).toBe(indexPage(groups));
  });

  it.each([...groups])('%s.md has an example with a way to read it', (group) => {
    expect(page(group)).toMatch(/<!-- example \w+ -->\n\n```\n# bptop \w+[\s\S]+?\n```\n\n\S[\s\S]{60,}?<!-- end -->/);
  });
});

describe('founding.md', () => {
  const text = page('founding');
  const rows = [...text.matchAll(/^\| .* \| \[(\w+)\]\((\w+)\.md#(\w+)\) *\|$/gm)];

  it('has eleven one-liners and four scripts', () => {
    expect(rows.length).toBe(15);
  });

  it.each(rows.map(([, name = '', group = '', anchor = '']) => ({ name, group, anchor })))(
    '$name is a tool that compiles',
    ({ name, group, anchor }) => {
      expect(anchor).toBe(name);
      const tool = groups.get(group)?.find((candidate) => candidate.name === name);
      const positional = tool?.description.parameters.map(({ defaultValue }) => defaultValue) ?? [];
      const source = { name, text: tool?.text ?? 'no such tool' };
      const { object, diagnostics } = compileScript(source, recordedFacts(), { ...DEFAULT_OPTIONS, positional });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(object).toBeDefined();
    },
  );

  it.each([...text.matchAll(/^```bpftrace\n([\s\S]*?)^```$/gm)].map(([, script = '']) => ({ script })))(
    'compiles: $script',
    ({ script }) => {
      const { diagnostics } = compileScript({ name: 'example', text: script }, recordedFacts(), DEFAULT_OPTIONS);
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );
});
