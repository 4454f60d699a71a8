/**
 * The probe's arguments: `args.x`, `args` as a whole, `argN`, `retval`, `ctx`, each as the provider has them.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { TracepointField } from '../../kernel/facts.ts';
import type { Expression } from '../../language/ast.ts';
import { type Checker, poison } from '../checker.ts';
import {
  PERF_EVENT_PROVIDERS,
  type ProbeArguments,
  type ProviderName,
  REGISTER_PROVIDERS,
} from '../probes/probe-context.ts';
import type { TypedExpression } from '../program.ts';
import { INT64, integerType, UINT64, VOID } from '../promote.ts';
import { pointerTo } from '../type-source.ts';
import type { IntegerType, Type } from '../types.ts';

/** isArgsNode recognises `args` in all its spellings. */
export function isArgsNode(node: Expression): boolean {
  if (node.kind === 'Identifier') return node.name === 'args';
  if (node.kind === 'Call') return node.name === 'args' && node.args.length === 0;
  return node.kind === 'Unary' && node.operator === '*' && isArgsNode(node.operand);
}

/** refuseContext reports a context builtin where the context is out of reach; undefined if it is at hand. */
export function refuseContext(checker: Checker, name: string, span: Span): TypedExpression | undefined {
  if (checker.probe === undefined)
    return checker.error('no-context', `Builtin ${name} not supported outside probe`, span);
  if (checker.probe.args.kind === 'unknown') return poison(span);
  if (checker.forDepth > 0)
    return checker.error('context-in-loop', `'${name}' builtin is not allowed in a for-loop`, span, {
      hints: [`assign it to a variable before the loop: $x = ${name};`],
    });
  return undefined;
}

/** checkArgsMember gives `args.name`. */
export function checkArgsMember(checker: Checker, name: string, span: Span, nameSpan: Span): TypedExpression {
  const refused = refuseContext(checker, 'args', span);
  if (refused !== undefined) return refused;
  const args = checker.probe?.args ?? { kind: 'none' };
  switch (args.kind) {
    case 'tracepoint':
      return tracepointMember(checker, args, name, span, nameSpan);
    case 'function':
      return functionMember(checker, args, name, span, nameSpan);
    default:
      return refuseArgs(checker, span);
  }
}

function refuseArgs(checker: Checker, span: Span): TypedExpression {
  const provider = checker.probe?.provider ?? 'begin';
  const hints =
    provider === 'uprobe'
      ? ['the binary has no debug information for this function: use arg0, arg1 …']
      : provider === 'kprobe' || provider === 'usdt'
        ? ['use arg0, arg1 …']
        : returnHints(provider);
  return checker.error(
    'no-args',
    `The args builtin can only be used with tracepoint, rawtracepoint, fentry, fexit and uprobe probes ("${provider}" used here)`,
    span,
    { hints },
  );
}

/** People look for arguments where the function returns. */
function returnHints(provider: ProviderName): readonly string[] {
  if (provider !== 'kretprobe' && provider !== 'uretprobe') return [];
  const entry = provider.replace('ret', '');
  return [`keep what is needed when the function begins: ${entry}:… { @kept[tid] = arg0; }`];
}

type TracepointArguments = Extract<ProbeArguments, { kind: 'tracepoint' }>;
type FunctionArguments = Extract<ProbeArguments, { kind: 'function' }>;

function tracepointMember(
  checker: Checker,
  args: TracepointArguments,
  name: string,
  span: Span,
  nameSpan: Span,
): TypedExpression {
  const field = args.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    if (name.startsWith('common_'))
      return checker.error('common-field', 'BPF does not support accessing common tracepoint fields', nameSpan);
    const isReturn = args.syscall === 'enter' && name === 'ret';
    return checker.error(
      'no-such-field',
      `Struct/union of type 'struct _tracepoint_${args.category}_${args.event}' does not contain a field named '${name}'`,
      nameSpan,
      {
        hints: isReturn
          ? [`the return value is known at tracepoint:${args.category}:${args.event.replace('enter', 'exit')}`]
          : didYouMean(
              name,
              args.fields.map((candidate) => candidate.name),
            ),
      },
    );
  }
  const syscallArgument = syscallArgumentOf(args, field);
  return {
    kind: 'tracepointField',
    field,
    ...(syscallArgument !== undefined && { syscallArgument }),
    type: fieldType(checker, field),
    span,
  };
}

/** Which argument of the system call a field is: raw system call programs find it in the registers. */
function syscallArgumentOf(
  args: TracepointArguments,
  field: TracepointField,
): number | 'number' | 'return' | undefined {
  if (args.syscall === undefined) return undefined;
  if (field.name === '__syscall_nr' || (args.isRawSyscall && field.name === 'id')) return 'number';
  if (args.syscall === 'exit') return field.name === 'ret' ? 'return' : undefined;
  if (args.isRawSyscall) return undefined;
  const index = args.fields.filter((each) => each.name !== '__syscall_nr').indexOf(field);
  return index >= 0 && index < 6 ? index : undefined;
}

function fieldType(checker: Checker, field: TracepointField): Type {
  if (field.location !== undefined) return INT64;
  const space = checker.probe?.argumentSpace ?? 'kernel';
  const type = checker.types.fromC(field.type, space);
  if (type.kind === 'pointer' || type.kind === 'string' || type.kind === 'array') return type;
  if (type.kind === 'enum' && type.bits === field.size * 8) return type;
  if (type.kind === 'struct' && type.composite.size > 0) return type;
  if (type.kind === 'bool' && field.size === 1) return type;
  // The format's size and sign count: a system call's `int fd` is an 8-byte unsigned word.
  return [1, 2, 4, 8].includes(field.size)
    ? integerType((field.size * 8) as IntegerType['bits'], field.isSigned)
    : type;
}

function functionMember(
  checker: Checker,
  args: FunctionArguments,
  name: string,
  span: Span,
  nameSpan: Span,
): TypedExpression {
  const index = args.parameters.findIndex((each) => each.name === name);
  const parameter = args.parameters[index];
  if (parameter === undefined) {
    return checker.error('no-such-field', `Can't find function parameter ${name}`, nameSpan, {
      hints: parameterHints(name, args),
    });
  }
  return {
    kind: 'argument',
    index,
    type: argumentType(checker, args, index),
    span,
  };
}

/** Among the functions of a wildcard it is the description that tells which one lacks the name. */
function parameterHints(name: string, { parameters, description }: FunctionArguments): readonly string[] {
  const names = parameters.map((parameter) => parameter.name);
  const near = didYouMean(name, names);
  if (near.length > 0) return near;
  return [
    names.length === 0
      ? `${description} has no parameters`
      : `${description} has ${names.map((each) => `args.${each}`).join(', ')}`,
  ];
}

function argumentType(checker: Checker, args: FunctionArguments, index: number): Type {
  const space = checker.probe?.argumentSpace ?? 'kernel';
  const parameter = args.parameters[index];
  if (parameter === undefined) return UINT64;
  return checker.types.fromC(parameter.type, space, args.isTrusted);
}

/** checkArgs gives `args` as a whole: a record of the function's arguments. */
export function checkArgs(checker: Checker, span: Span): TypedExpression {
  const refused = refuseContext(checker, 'args', span);
  if (refused !== undefined) return refused;
  const args = checker.probe?.args ?? { kind: 'none' };
  if (args.kind === 'tracepoint')
    return checker.error('args-as-value', 'args of a tracepoint cannot be used as a whole', span, {
      hints: [`use its fields: ${args.fields.map((field) => `args.${field.name}`).join(', ')}`],
    });
  if (args.kind !== 'function') return refuseArgs(checker, span);
  const elements = args.parameters.map(
    (_, index): TypedExpression => ({
      kind: 'argument',
      index,
      type: argumentType(checker, args, index),
      span,
    }),
  );
  return {
    kind: 'tuple',
    elements,
    type: {
      kind: 'record',
      fields: args.parameters.map((parameter, index) => ({
        name: parameter.name,
        type: elements[index]?.type ?? UINT64,
      })),
    },
    span,
  };
}

const REGISTER_ARGUMENTS = { x86_64: 6, aarch64: 8 };

/** checkArgN gives `arg0` and its like. */
export function checkArgN(checker: Checker, index: number, span: Span): TypedExpression {
  const name = `arg${index}`;
  const refused = refuseContext(checker, name, span);
  if (refused !== undefined) return refused;
  const provider = checker.probe?.provider ?? 'begin';
  const args = checker.probe?.args ?? { kind: 'none' };
  const result: TypedExpression = { kind: 'argument', index, type: UINT64, span };
  if (args.kind === 'markers') {
    if (index < args.count) return result;
    return checker.error(
      'no-such-argument',
      `${name} is out of range: the marker has ${args.count} argument${args.count === 1 ? '' : 's'}`,
      span,
    );
  }
  if (provider === 'kprobe' || provider === 'uprobe') {
    const limit = REGISTER_ARGUMENTS[checker.facts.architecture];
    if (index < limit) return result;
    return checker.error('no-such-argument', `${checker.facts.architecture} doesn't support ${name}`, span, {
      hints: ['further arguments are on the stack: *(reg("sp") + offset)'],
    });
  }
  if (provider === 'rawtracepoint' && args.kind === 'function') {
    if (index < args.parameters.length) return result;
    return checker.error(
      'no-such-argument',
      `${name} is out of range: ${args.description} has ${args.parameters.length} arguments`,
      span,
    );
  }
  const hints =
    args.kind === 'tracepoint' || args.kind === 'function'
      ? [`use the arguments by name: ${argumentNames(args)}`]
      : returnHints(provider);
  return checker.error(
    'no-args',
    `The ${name} builtin can only be used with 'kprobes', 'uprobes', 'rawtracepoints' and 'usdt' probes ("${provider}" used here)`,
    span,
    { hints },
  );
}

function argumentNames(args: TracepointArguments | FunctionArguments): string {
  const names =
    args.kind === 'tracepoint'
      ? args.fields.map((field) => field.name)
      : args.parameters.map((parameter) => parameter.name);
  return names.map((name) => `args.${name}`).join(', ');
}

/** checkRetval gives `retval`. */
export function checkRetval(checker: Checker, span: Span): TypedExpression {
  const refused = refuseContext(checker, 'retval', span);
  if (refused !== undefined) return refused;
  const provider = checker.probe?.provider ?? 'begin';
  const args = checker.probe?.args ?? { kind: 'none' };
  if (provider === 'kretprobe' || provider === 'uretprobe') return { kind: 'returnValue', type: UINT64, span };
  if (provider === 'fexit' && args.kind === 'function') {
    const type = args.returns === undefined ? VOID : checker.types.fromC(args.returns, 'kernel', true);
    if (type.kind !== 'void') return { kind: 'returnValue', type, span };
    return checker.error('no-return-value', 'The function has no return value', span);
  }
  const isExit = args.kind === 'tracepoint' && args.syscall === 'exit';
  return checker.error(
    'no-return-value',
    `The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fexit' probes${isExit ? ': use args.ret here' : ''}`,
    span,
    { hints: isExit ? ['use args.ret to get the return value of a system call'] : retvalHints(provider) },
  );
}

/** The probe at the other end of the function. */
const RETURN_PROBES: Partial<Record<ProviderName, ProviderName>> = {
  kprobe: 'kretprobe',
  uprobe: 'uretprobe',
  fentry: 'fexit',
};

function retvalHints(provider: ProviderName): readonly string[] {
  const other = RETURN_PROBES[provider];
  return other === undefined ? [] : [`a ${provider} runs when the function begins, a ${other} when it returns`];
}

/** checkContext gives `ctx`. */
export function checkContext(checker: Checker, span: Span): TypedExpression {
  const refused = refuseContext(checker, 'ctx', span);
  if (refused !== undefined) return refused;
  const provider = checker.probe?.provider ?? 'begin';
  const args = checker.probe?.args ?? { kind: 'none' };
  if (provider === 'tracepoint')
    return checker.error('no-context', 'The ctx builtin cannot be used in tracepoint probes', span, {
      hints: ['use args'],
    });
  const name = contextStruct(provider, args);
  const composite = name === undefined ? undefined : checker.types.struct(name);
  const target: Type = composite === undefined ? VOID : { kind: 'struct', composite };
  return {
    kind: 'context',
    type: pointerTo(target, 'context', args.kind === 'iterator'),
    span,
  };
}

function contextStruct(provider: ProviderName, args: ProbeArguments): string | undefined {
  if (args.kind === 'iterator') return `bpf_iter__${args.name}`;
  if (REGISTER_PROVIDERS.has(provider)) return 'pt_regs';
  return PERF_EVENT_PROVIDERS.has(provider) ? 'bpf_perf_event_data' : undefined;
}
