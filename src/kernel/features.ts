/**
 * What this kernel can do, asked of the kernel and never of its version. Names of helpers, map kinds and attach types
 * are enum constants of its BTF, which costs one lookup; what BTF cannot tell (a helper refused to a program type,
 * trampolines switched off) is tried by loading a program of a few instructions. Each answer is kept.
 */

import { existsSync } from 'node:fs';
import type { BtfFunction, FeatureFacts, TypeFacts } from './facts.ts';

/** Loads a program and forgets it: true if the kernel took it, undefined if it could not be asked. */
export type LoadProbe = (program: ProbeProgram) => boolean | undefined;

export interface ProbeProgram {
  readonly type: 'kprobe' | 'tracepoint' | 'xdp' | 'perf_event' | 'raw_tracepoint' | 'tracing';
  readonly attach?: 'trace_fentry' | 'trace_fexit' | 'trace_raw_tp';
  readonly target?: BtfFunction;
  readonly instructions: Uint8Array;
}

/** mov r0, 0; exit */
const RETURN_ZERO = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);

const DEVICES = '/sys/bus/event_source/devices';

type Question = (types: TypeFacts, load: LoadProbe) => boolean | undefined;

const hasConstant = (name: string) => (types: TypeFacts) =>
  types.isAvailable ? types.enumConstant(name) !== undefined : undefined;
const hasFunction = (name: string) => (types: TypeFacts) =>
  types.isAvailable ? types.function(name) !== undefined : undefined;
const hasDevice =
  (...names: readonly string[]) =>
  () =>
    existsSync(DEVICES) ? names.some((name) => existsSync(`${DEVICES}/${name}`)) : undefined;
const all =
  (...questions: readonly Question[]): Question =>
  (types, load) =>
    questions.every((question) => question(types, load) !== false);

/** The link functions are compiled in only with what they need (fprobe, uprobes); without, they are inline stubs. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  kprobe: hasDevice('kprobe'),
  uprobe: hasDevice('uprobe'),
  kprobe_multi: all(hasConstant('BPF_TRACE_KPROBE_MULTI'), hasFunction('register_fprobe_ips')),
  kprobe_session: all(hasConstant('BPF_TRACE_KPROBE_SESSION'), hasFunction('register_fprobe_ips')),
  uprobe_multi: all(hasConstant('BPF_TRACE_UPROBE_MULTI'), hasDevice('uprobe')),
  uprobe_session: all(hasConstant('BPF_TRACE_UPROBE_SESSION'), hasDevice('uprobe')),
  // bpf_get_func_ip for uprobes came with the flag that tells them apart (6.6).
  uprobe_func_ip: (types) =>
    types.struct('bpf_trace_run_ctx')?.members.some((member) => member.name === 'is_uprobe') === true,
  fentry: canLoadFentry,
  raw_tp_btf: (types) => types.isAvailable && hasConstant('BPF_TRACE_RAW_TP')(types),
  iter: (types) => types.isAvailable && types.iterator('task') !== undefined,
  perf_hardware: hasDevice('cpu', 'cpu_core', 'cpu_atom', 'armv8_pmuv3', 'armv8_pmuv3_0'),
  perf_link: hasConstant('BPF_PERF_EVENT'),
  current_task_btf: hasConstant('BPF_FUNC_get_current_task_btf'),
  tracepoint_cookie: hasConstant('BPF_FUNC_get_attach_cookie'),
};

/** Functions that exist for tests of BPF itself or are hardly ever called, so that nothing notices the attempt. */
const FENTRY_TARGETS = ['bpf_fentry_test1', 'bpf_prog_test_run_raw_tp', 'vfs_statfs'];

function canLoadFentry(types: TypeFacts, load: LoadProbe): boolean | undefined {
  if (!types.isAvailable) return false;
  const target = trampolineTarget(types);
  return target && load({ type: 'tracing', attach: 'trace_fentry', target, instructions: RETURN_ZERO });
}

function trampolineTarget(types: TypeFacts): BtfFunction | undefined {
  for (const name of FENTRY_TARGETS) {
    const target = types.function(name);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** ProbedFeatures answers by BTF, by sysfs and by loading. */
export class ProbedFeatures implements FeatureFacts {
  readonly #types: TypeFacts;
  readonly #load: LoadProbe;
  readonly #mayAsk: boolean;
  readonly #answers = new Map<string, boolean>();

  /** Without the right to ask (`mayAsk` false), everything is taken to be there. */
  constructor(types: TypeFacts, load: LoadProbe, mayAsk: boolean) {
    this.#types = types;
    this.#load = load;
    this.#mayAsk = mayAsk;
  }

  hasHelper(name: string, programType: string): boolean {
    return this.#answer(`helper ${name} ${programType}`, () => {
      const helper = this.#types.enumConstant(`BPF_FUNC_${name}`);
      if (helper === undefined) return this.#types.isAvailable ? false : undefined;
      const type = PROGRAM_TYPES[programType];
      if (type === undefined) return true;
      const isOfTrampoline = type.type === 'tracing' && TRAMPOLINE_HELPERS.has(name);
      const attach = isOfTrampoline ? 'trace_fexit' : type.attach;
      const tracepoint = attach === 'trace_raw_tp' ? this.#types.rawTracepoint('sched_switch') : undefined;
      const target = isOfTrampoline ? trampolineTarget(this.#types) : tracepoint;
      if (attach !== undefined && target === undefined) return undefined;
      return this.#load({
        type: type.type,
        ...(attach && { attach }),
        ...(target && { target }),
        instructions: unreachableCall(Number(helper.value)),
      });
    });
  }

  hasMapKind(kind: string): boolean {
    return this.#answer(`map ${kind}`, () => {
      const constant = `BPF_MAP_TYPE_${kind.toUpperCase()}`;
      return this.#types.isAvailable ? this.#types.enumConstant(constant) !== undefined : undefined;
    });
  }

  hasKfunc(name: string): boolean {
    return this.#answer(`kfunc ${name}`, () => this.#types.function(name) !== undefined);
  }

  has(feature: string): boolean {
    return this.#answer(feature, () => QUESTIONS[feature]?.(this.#types, this.#load));
  }

  #answer(question: string, ask: () => boolean | undefined): boolean {
    if (!this.#mayAsk) return true;
    let answer = this.#answers.get(question);
    if (answer === undefined) {
      answer = ask() ?? true;
      this.#answers.set(question, answer);
    }
    return answer;
  }
}

/** Offered at the entry and exit of functions alone, not at raw tracepoints (bpf_tracing_func_proto, Linux 5.17). */
const TRAMPOLINE_HELPERS: ReadonlySet<string> = new Set([
  'get_func_arg',
  'get_func_arg_cnt',
  'get_func_ip',
  'get_func_ret',
]);

const PROGRAM_TYPES: Readonly<Record<string, Pick<ProbeProgram, 'type' | 'attach'>>> = {
  kprobe: { type: 'kprobe' },
  tracepoint: { type: 'tracepoint' },
  perf_event: { type: 'perf_event' },
  raw_tracepoint: { type: 'raw_tracepoint' },
  xdp: { type: 'xdp' },
  tracing: { type: 'tracing', attach: 'trace_raw_tp' },
};

/**
 * A program that calls the helper with nothing. The verifier refuses an unknown or forbidden helper with EINVAL before
 * it looks at arguments, and bad arguments otherwise; the loader tells the two apart by the log.
 */
function unreachableCall(helper: number): Uint8Array {
  const call = new Uint8Array(8);
  const view = new DataView(call.buffer);
  view.setUint8(0, 0x85);
  view.setInt32(4, helper, true);
  return Buffer.concat([call, RETURN_ZERO]);
}
