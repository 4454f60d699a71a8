/**
 * A probe's main function: the filter by system call number where sites are told apart by it, the predicate, the body.
 */

import type { TypedProbe } from '../../semantics/program.ts';
import type { Operand } from '../ir/ir.ts';
import { codeSegment, syscallNumber } from './arguments.ts';
import { SYSCALL_SLOTS, syscallTable } from './builtins.ts';
import { FunctionContext } from './function-context.ts';
import type { ProgramContext } from './program-context.ts';
import { branchOn } from './scalars.ts';
import { lowerBlock } from './statements.ts';
import { variableUses } from './walk.ts';

/** Up to this many numbers are compared one by one. */
const COMPARE_LIMIT = 4;
/** __USER32_CS (arch/x86/include/asm/segment.h) */
const CODE_SEGMENT_32 = 0x23n;

/** lowerProbe makes the main function and leaves it, with all it calls, in `program.functions`. */
export function lowerProbe(program: ProgramContext, name: string): void {
  const probe: TypedProbe = program.plan.probe;
  const { captured, addressed } = variableUses(probe.body, probe.predicate);
  program.addressed = addressed;
  const fc = new FunctionContext(program, { name, role: 'program', parameters: ['context'], captured });
  const { builder } = fc;
  filterSyscalls(fc);
  if (program.plan.access.kind === 'iterator') skipEndOfIteration(fc);
  if (probe.predicate) {
    const pass = builder.block();
    const skip = builder.block();
    const { predicate } = probe;
    fc.scoped(() => branchOn(fc, predicate, pass, skip));
    builder.enter(skip);
    builder.return(0n);
    builder.enter(pass);
  }
  fc.passPredicate();
  lowerBlock(fc, probe.body);
  builder.return(0n);
  fc.finish();
}

/** Offset of the object behind `meta` in every `struct bpf_iter__*`. */
const ITERATOR_OBJECT = 8;

/** An iterator's program is called once more, without an object, when all have been seen (kernel/bpf/bpf_iter.c). */
function skipEndOfIteration(fc: FunctionContext): void {
  const { builder } = fc;
  const skip = builder.block();
  const pass = builder.block();
  const item = builder.load(fc.context, ITERATOR_OBJECT, 8, { isInvariant: true, kind: 'integer' });
  builder.branch('equal', item, 0n, skip, pass);
  builder.enter(skip);
  builder.return(0n);
  builder.enter(pass);
}

/**
 * The raw tracepoints see 32-bit system calls, too, whose numbers mean something else and which the perf tracepoints
 * leave out (trace_get_syscall_nr, kernel/trace/trace_syscalls.c).
 */
function filterSyscalls(fc: FunctionContext): void {
  const { builder, program } = fc;
  const { identity } = program.plan;
  if (identity.kind !== 'syscall') return;
  const skip = builder.block();
  const pass = builder.block();
  const number: Operand = syscallNumber(fc);
  if (identity.sites.length <= COMPARE_LIMIT) {
    const match = builder.block();
    for (const { number: wanted } of identity.sites) {
      const next = builder.block();
      builder.branch('equal', number, BigInt(wanted), match, next);
      builder.enter(next);
    }
    builder.jump(skip);
    builder.enter(match);
  } else {
    const table = syscallTable(fc, identity.sites);
    const inside = builder.block();
    builder.branch('greaterOrEqual', number, BigInt(SYSCALL_SLOTS), skip, inside);
    builder.enter(inside);
    const start = builder.mapValue(table.map, table.offset);
    const bounded = builder.binary('and', number, BigInt(SYSCALL_SLOTS - 1));
    const entry = builder.load(builder.advance(start, builder.binary('multiply', bounded, 4n)), 0, 4);
    const match = builder.block();
    builder.branch('equal', entry, 0n, skip, match);
    builder.enter(match);
  }
  if (program.architecture === 'x86_64') {
    builder.branch('equal', codeSegment(fc), CODE_SEGMENT_32, skip, pass);
  } else {
    builder.jump(pass);
  }
  builder.enter(skip);
  builder.return(0n);
  builder.enter(pass);
}
