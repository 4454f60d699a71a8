/**
 * The verifier's complaints in plain words. Patterns are of the texts in kernel/bpf/verifier.c from 5.10 on; the first
 * that matches counts. `isLimit`: the script asks for too much; otherwise the refusal is a mistake of the compiler or
 * something this kernel does not offer.
 */

export interface Reason {
  readonly pattern: RegExp;
  readonly words: (match: RegExpMatchArray) => string;
  readonly hint?: string;
  readonly isLimit?: boolean;
}

const SPLIT = 'do less in one probe: fewer iterations, shorter strings, or two probes';

export const REASONS: readonly Reason[] = [
  {
    pattern: /BPF program is too large\. Processed (\d+) insn/,
    words: ([, count]) => `the program is too complex: the kernel gave up after looking at ${count} instructions`,
    hint: SPLIT,
    isLimit: true,
  },
  {
    pattern: /The sequence of (\d+) jumps is too complex/,
    words: () => 'the program has too many branches for the kernel to follow',
    hint: SPLIT,
    isLimit: true,
  },
  {
    pattern: /total number of maps per program has reached the limit of (\d+)/,
    words: ([, count]) => `a program may use ${count} maps at most, those that bptop needs for itself among them`,
    hint: 'use fewer maps in one probe, or several probes at the same attach point',
    isLimit: true,
  },
  {
    pattern: /combined stack size of (\d+) calls is (\d+)\. Too large/,
    words: ([, calls, size]) =>
      `the program needs ${size} bytes of stack over ${calls} nested functions; 512 is the limit`,
    hint: 'use fewer or smaller variables in loops and functions',
    isLimit: true,
  },
  {
    pattern: /(?:infinite loop detected|back-edge from insn)/,
    words: () => 'the kernel cannot see that a loop ends',
    hint: 'loops need bpf_loop (Linux 5.17) on this kernel',
    isLimit: true,
  },
  {
    pattern: /failed to find the address for kernel symbol '(\w+)'/,
    words: ([, name]) => `this kernel does not say where its variable ${name} lies`,
    hint: 'kernels built with CONFIG_KALLSYMS_ALL do',
    isLimit: true,
  },
  {
    pattern: /program of this type cannot use helper (?:bpf_)?probe_write_user#/,
    words: () => 'no program may write to memory of user space, as this kernel is locked down',
    isLimit: true,
  },
  {
    pattern: /program of this type cannot use helper (?:bpf_)?(\w+)#\d+/,
    words: ([, helper]) => `probes of this kind may not use the kernel's helper bpf_${helper}`,
  },
  {
    pattern: /calling kernel function (\w+) is not allowed/,
    words: ([, name]) => `probes of this kind may not call the kernel's function ${name}`,
    hint: 'use it in a tracepoint, rawtracepoint, fentry or profile probe',
    isLimit: true,
  },
  {
    pattern: /helper call is not allowed in probe/,
    words: () => 'the kernel does not allow this function at this probe',
    hint: 'path() works only in functions on the kernel’s list, such as filp_close and security_file_open',
    isLimit: true,
  },
  {
    pattern: /(?:invalid func|unknown func) (\S+)/,
    words: ([, helper]) => `this kernel does not have the helper ${helper}`,
  },
  {
    pattern: /R\d+ pointer arithmetic on (\S+_or_null)_? prohibited/,
    words: ([, kind]) => `a pointer that may be null (${kind}) is used without a test`,
    hint: 'test the pointer first: if ($p) { … }',
    isLimit: true,
  },
  {
    pattern: /R\d+ invalid mem access '(\w+)'/,
    words: ([, kind]) =>
      /or_null/.test(kind ?? '')
        ? 'a pointer that may be null is read without a test'
        : 'something that is no pointer to the verifier is read directly',
  },
  {
    pattern: /invalid access to map value, value_size=(\d+) off=(-?\d+) size=(\d+)/,
    words: ([, value, offset, size]) => `an access of ${size} bytes at ${offset} leaves a map value of ${value} bytes`,
  },
  {
    pattern: /R\d+ (?:min value is negative|unbounded memory access)/,
    words: () => 'the kernel cannot see the bounds of a length or index',
  },
  {
    pattern: /R\d+ (?:max value is outside of the allowed memory range|min value is outside)/,
    words: () => 'an index may leave the memory it belongs to',
  },
  {
    pattern: /invalid (?:read|write)(?: from| to)? stack|invalid stack type|invalid indirect access to stack/,
    words: () => 'an access leaves the stack, or reads what was never written',
  },
  { pattern: /misaligned (?:stack|value|packet) access/, words: () => 'a memory access is not aligned' },
  { pattern: /R\d+ !read_ok/, words: () => 'a register is read before it is written' },
  {
    pattern: /R\d+ type=(\S+) expected=(.+)/,
    words: ([, actual, expected]) =>
      `a helper was given ${actual} where it takes ${(expected ?? '').replace(/, $/, '')}`,
  },
  {
    pattern: /(?:access beyond (?:the end of member|struct)|cannot access ptr member) (.+)/,
    words: ([, what]) => `a field cannot be read directly: ${what}`,
  },
  {
    pattern: /attach_btf_id (\d+) is not|jit does not support|Cannot find (?:vmlinux )?BTF/i,
    words: () => 'the kernel cannot attach BTF programs here',
  },
  { pattern: /Unreleased reference/, words: () => 'an event record is not handed over on some path' },
  { pattern: /unreachable insn/, words: () => 'some instructions can never run' },
  {
    pattern: /last insn is not an exit|jump out of range/,
    words: () => 'the program does not end properly',
  },
];
