/**
 * Where registers lie in `struct pt_regs` (arch/x86/include/asm/ptrace.h, arch/arm64/include/uapi/asm/ptrace.h), and
 * which of them carry arguments.
 */

export interface RegisterLayout {
  readonly offsets: Readonly<Record<string, number>>;
  /** Function arguments. */
  readonly arguments: readonly string[];
  /** System call arguments. */
  readonly syscallArguments: readonly string[];
  readonly result: string;
  readonly instructionPointer: string;
  readonly syscallNumber: string;
}

function inOrder(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, index * 8]));
}

const X86 = inOrder([
  'r15',
  'r14',
  'r13',
  'r12',
  'bp',
  'bx',
  'r11',
  'r10',
  'r9',
  'r8',
  'ax',
  'cx',
  'dx',
  'si',
  'di',
  'orig_ax',
  'ip',
  'cs',
  'flags',
  'sp',
  'ss',
]);

const ARM = inOrder([
  ...Array.from({ length: 31 }, (_, index) => `r${index}`),
  'sp',
  'pc',
  'pstate',
  'orig_x0',
  'syscallno',
]);

export const REGISTER_LAYOUTS: Readonly<Record<'x86_64' | 'aarch64', RegisterLayout>> = {
  x86_64: {
    offsets: { ...X86, ...prefixed(X86) },
    arguments: ['di', 'si', 'dx', 'cx', 'r8', 'r9'],
    syscallArguments: ['di', 'si', 'dx', 'r10', 'r8', 'r9'],
    result: 'ax',
    instructionPointer: 'ip',
    syscallNumber: 'orig_ax',
  },
  aarch64: {
    offsets: {
      ...ARM,
      ...Object.fromEntries(Object.entries(ARM).map(([name, at]) => [name.replace(/^r(?=\d)/, 'x'), at])),
      lr: 30 * 8,
    },
    arguments: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'],
    syscallArguments: ['orig_x0', 'r1', 'r2', 'r3', 'r4', 'r5'],
    result: 'r0',
    instructionPointer: 'pc',
    syscallNumber: 'syscallno',
  },
};

/** The names the instruction set uses: rdi, eax … */
function prefixed(offsets: Readonly<Record<string, number>>): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [name, offset] of Object.entries(offsets)) {
    if (/^[a-z]{2}$/.test(name)) {
      out[`r${name}`] = offset;
      out[`e${name}`] = offset;
    }
  }
  return out;
}
