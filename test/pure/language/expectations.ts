/** What the one-line tests of the language have in common. */

import { expect } from 'vitest';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import type { Statement } from '../../../src/language/ast.ts';
import { formatProgram } from '../../../src/language/format.ts';
import { type ParseOptions, parseProgram } from '../../../src/language/parser.ts';

export function parse(text: string, options: ParseOptions = {}) {
  return parseProgram({ name: 'stdin', text }, options);
}

/** The canonical form of a whole program, which must have no findings. */
export function printed(text: string, options: ParseOptions = {}): string {
  const { program, diagnostics } = parse(text, options);
  expect(renderDiagnostics(diagnostics)).toBe('');
  return formatProgram(program);
}

/** The statements of `begin { … }`. */
export function statements(text: string): readonly Statement[] {
  const { program, diagnostics } = parse(`begin { ${text} }`);
  expect(renderDiagnostics(diagnostics)).toBe('');
  const [probe] = program.items;
  return probe?.kind === 'Probe' ? probe.body.statements : [];
}

/** The canonical form of the statements of a block. */
export function printedBody(text: string): string {
  const body = printed(`begin { ${text} }`);
  return body
    .replace(/^begin \{\n?/, '')
    .replace(/\n?\s*\}\n$/, '')
    .split('\n')
    .map((line) => line.replace(/^ {2}/, ''))
    .join('\n')
    .trim();
}

/** All findings as one text. */
export function errors(text: string): string {
  return renderDiagnostics(parse(text).diagnostics);
}

/** Findings without their source lines: `LINE:COL1-COL2 message`, notes and hints behind. */
export function findings(text: string): string[] {
  return errors(text)
    .split('\n')
    .flatMap((line) => {
      const match = /^stdin:(\S+): (?:ERROR|WARNING): (.*)$/.exec(line);
      if (match) return [`${match[1]} ${match[2]}`];
      return /^(?:NOTE|HINT): /.test(line) ? [line] : [];
    });
}
