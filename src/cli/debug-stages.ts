/**
 * `-d STAGE`: what the stages of the compiler make of a script, as text. Stages that only a loading kernel can show
 * (`verifier`, `libbpf`) are no rows here: they run the script.
 */

import { disassemble } from '../codegen/bpf/disassemble.ts';
import { decodeInstructions } from '../codegen/bpf/instruction.ts';
import type { Source } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { dumpProgram } from '../language/dump.ts';
import { type CompiledScript, type CompileRequest, compileScript } from '../run/compile-script.ts';
import { printTypes } from '../semantics/print-types.ts';

interface Stage {
  readonly name: string;
  /** Other names of the same stage, as bpftrace has them. */
  readonly aliases: readonly string[];
  readonly text: (script: CompiledScript, ir: readonly string[]) => string | undefined;
}

const STAGES: readonly Stage[] = [
  { name: 'ast', aliases: ['parse'], text: ({ syntax }) => dumpProgram(syntax) },
  { name: 'types', aliases: [], text: ({ program }) => program && printTypes(program) },
  { name: 'ir', aliases: ['codegen', 'codegen-opt'], text: (_, ir) => (ir.length > 0 ? ir.join('\n') : undefined) },
  { name: 'asm', aliases: ['dis'], text: ({ object }) => object && disassembly(object) },
];

/** stagesText compiles the script and gives the text of the stages that it reached, with what was found wrong. */
export function stagesText(
  source: Source,
  facts: KernelFacts,
  request: CompileRequest,
  wanted: ReadonlySet<string>,
): { readonly text: string; readonly script: CompiledScript } {
  const ir: string[] = [];
  const script = compileScript(source, facts, { ...request, observer: { ir: (text) => ir.push(text) } });
  const stages = STAGES.filter((stage) => isWanted(stage, wanted));
  let text = '';
  for (const stage of stages) {
    const body = stage.text(script, ir);
    if (body === undefined) continue;
    text += `${stages.length > 1 ? `== ${stage.name} ==\n` : ''}${body.endsWith('\n') ? body : `${body}\n`}`;
  }
  return { text, script };
}

function isWanted({ name, aliases }: Stage, wanted: ReadonlySet<string>): boolean {
  return wanted.has(name) || aliases.some((alias) => wanted.has(alias));
}

function disassembly(object: NonNullable<CompiledScript['object']>): string {
  return object.programs
    .map((program) => {
      const sources = new Map(program.lines.map(({ instruction, span }) => [instruction, span]));
      const note = (slot: number): string | undefined => {
        const span = sources.get(slot);
        return span?.source.text.slice(span.start, span.end).split('\n')[0];
      };
      return `${program.name} (${program.type})\n${disassemble(decodeInstructions(program.instructions), note).join('\n')}\n`;
    })
    .join('\n');
}
