/**
 * A verifier log in terms of the script: which line, what is wrong in plain words, the log's last lines.
 */

import { createDiagnostic, type Diagnostic, type Span } from '../../diagnostics/diagnostic.ts';
import type { BpfObject } from '../object.ts';
import { REASONS } from './reasons.ts';

const LAST_LINES = 6;
const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\)/;
const NOISE = /^(?:processed \d+ insns|verification time|stack depth|peak_states|\s*$)/;

export interface RefusedProgram {
  readonly name: string;
  readonly span?: Span;
  /** Script places by instruction, ascending. */
  readonly lines?: readonly { readonly instruction: number; readonly span: Span }[];
}

/** explainLog gives the finding. */
export function explainLog(log: string, program: RefusedProgram): Diagnostic {
  const lines = log.split('\n').filter((line) => !NOISE.test(line));
  const complaint = complaintOf(lines);
  const span = spanOf(lines, program);
  const notes = [{ message: `verifier: ${lines.slice(-LAST_LINES).join('\n')}` }];
  for (const { pattern, words, hint, isLimit } of REASONS) {
    const match = log.match(pattern);
    if (match === null) continue;
    const hints = [...(hint ? [hint] : []), ...(isLimit ? [] : [REPORT])];
    return createDiagnostic('error', 'verifier', `the kernel refuses ${program.name}: ${words(match)}`, span, {
      notes,
      hints,
    });
  }
  const message = `the kernel refuses ${program.name}: ${complaint ?? 'its verifier gave no reason'}`;
  return createDiagnostic('error', 'verifier', message, span, { notes, hints: [REPORT] });
}

const REPORT = 'this looks like a limit of this kernel or a mistake of bptop; -v shows the whole log';

/** objectExplainer explains logs of an object's programs, which the loader names by program or by site. */
export function objectExplainer(object: BpfObject): (log: string, program: RefusedProgram) => Diagnostic {
  return (log, program) => {
    const spec = object.programs.find(
      ({ name, attachments }) =>
        name === program.name ||
        attachments.some((each) =>
          'site' in each ? each.site.name === program.name : each.sites.some((site) => site.name === program.name),
        ),
    );
    return explainLog(log, { ...program, ...(spec && { lines: spec.lines }) });
  };
}

/** The sentence behind the last instruction. */
function complaintOf(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => !INSTRUCTION.test(line) && !line.startsWith(';'));
}

function spanOf(lines: readonly string[], program: RefusedProgram): Span | undefined {
  const last = lines.findLast((line) => INSTRUCTION.test(line));
  const instruction = Number(last?.match(INSTRUCTION)?.[1] ?? Number.NaN);
  if (Number.isNaN(instruction) || program.lines === undefined) return program.span;
  return program.lines.findLast((line) => line.instruction <= instruction)?.span ?? program.span;
}
