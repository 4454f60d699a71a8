/**
 * Where the arguments of a USDT marker lie, read from the assembler operands in its note: `-4@$5`, `8@%rax`,
 * `4@-20(%rbp)`, `8@(%rax,%rbx,8)`, `8@counter+4(%rip)` on x86-64; `8@x0`, `-4@[sp, 12]`, `8@5` on arm64. Registers get
 * the names by which `reg()` knows them. What user space cannot locate (vector registers, `%ah`) is `unknown`.
 */

import type { UsdtArgument } from '../facts.ts';

export interface UsdtArgumentContext {
  readonly machine: 'x86_64' | 'aarch64' | 'i386' | 'other';
  /** Virtual address of the marker: the instruction pointer when it is hit. */
  readonly probeAddress: number;
  /** Virtual address of a symbol of the binary, for `symbol(%rip)` and `symbol`. */
  readonly symbolAddress: (name: string) => number | undefined;
}

type Location = UsdtArgument['location'];

const ARGUMENT = /(-?)([1248])(f?)@((?:\[[^\]]*\]|\([^)]*\)|[^\s[(])+)/g;

/** parseUsdtArguments reads the argument text of a note. */
export function parseUsdtArguments(text: string, context: UsdtArgumentContext): UsdtArgument[] {
  const parse = context.machine === 'aarch64' ? parseArm64 : parseX86;
  return [...text.matchAll(ARGUMENT)].map(([, sign, size, float, operand = '']) => ({
    size: Number(size) as UsdtArgument['size'],
    isSigned: sign === '-',
    location: (float === 'f' ? undefined : parse(operand, context)) ?? {
      kind: 'unknown',
      text: operand,
    },
  }));
}

const X86_MEMORY = /^([^()]*)\(\s*(?:%([a-z0-9]+))?\s*(?:,\s*%([a-z0-9]+)\s*(?:,\s*([1248]))?\s*)?\)$/;

function parseX86(operand: string, context: UsdtArgumentContext): Location | undefined {
  if (operand.startsWith('$')) {
    const value = parseInteger(operand.slice(1));
    return value === undefined ? undefined : { kind: 'constant', value };
  }
  if (operand.startsWith('%')) {
    const register = X86_REGISTERS.get(operand.slice(1));
    return register === undefined ? undefined : { kind: 'register', register };
  }
  const memory = X86_MEMORY.exec(operand);
  if (!memory) return relativeToMarker(operand, context);
  const [, displacement = '', baseName, indexName, scale] = memory;
  if (baseName === 'rip' || baseName === 'eip') return relativeToMarker(displacement, context);
  const offset = displacement === '' ? 0n : parseInteger(displacement);
  const base = baseName && X86_REGISTERS.get(baseName);
  if (offset === undefined || !base) return undefined;
  if (indexName === undefined) return { kind: 'memory', register: base, offset };
  const index = X86_REGISTERS.get(indexName);
  if (!index) return undefined;
  return {
    kind: 'memory',
    register: base,
    offset,
    index: { register: index, scale: Number(scale ?? 1) },
  };
}

/** `symbol`, `symbol+4`: at a fixed distance from the marker, wherever the binary is loaded. */
function relativeToMarker(text: string, context: UsdtArgumentContext): Location | undefined {
  const parts = /^([A-Za-z_.$][\w.$@]*)?([-+]?(?:0x[0-9a-f]+|\d+))?$/i.exec(text);
  if (!parts?.[1]) return undefined;
  const address = context.symbolAddress(parts[1]);
  const addend = parts[2] ? parseInteger(parts[2]) : 0n;
  if (address === undefined || addend === undefined) return undefined;
  return {
    kind: 'memory',
    register: 'ip',
    offset: BigInt(address) - BigInt(context.probeAddress) + addend,
  };
}

const ARM64_MEMORY =
  /^\[\s*([a-z0-9]+)\s*(?:,\s*(?:#?([-+]?(?:0x[0-9a-f]+|\d+))|([a-z0-9]+)\s*(?:,\s*lsl\s*#?([0-3]))?)\s*)?\]$/i;

function parseArm64(operand: string): Location | undefined {
  const value = parseInteger(operand.replace(/^#/, ''));
  if (value !== undefined) return { kind: 'constant', value };
  const plain = arm64Register(operand);
  if (plain) return { kind: 'register', register: plain };
  const memory = ARM64_MEMORY.exec(operand);
  if (!memory) return undefined;
  const [, baseName = '', offset, indexName, shift] = memory;
  const register = arm64Register(baseName);
  if (!register) return undefined;
  if (indexName === undefined)
    return {
      kind: 'memory',
      register,
      offset: parseInteger(offset ?? '0') ?? 0n,
    };
  const index = arm64Register(indexName);
  if (!index) return undefined;
  return {
    kind: 'memory',
    register,
    offset: 0n,
    index: { register: index, scale: 1 << Number(shift ?? 0) },
  };
}

/** x0…x30 and their halves w0…w30 are r0…r30 of the kernel's pt_regs. */
function arm64Register(name: string): string | undefined {
  if (name === 'sp' || name === 'wsp') return 'sp';
  const number = /^[xw](\d+)$/.exec(name)?.[1];
  return number !== undefined && Number(number) <= 30 ? `r${Number(number)}` : undefined;
}

function parseInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(0x[0-9a-f]+|\d+)$/i.exec(text);
  if (!match?.[2]) return undefined;
  const value = BigInt(match[2]);
  return match[1] === '-' ? -value : value;
}

/** Every width of a register to the name of the whole; the high-byte names `%ah` … are missing on purpose. */
const X86_REGISTERS: ReadonlyMap<string, string> = new Map([
  ...['a', 'b', 'c', 'd'].flatMap((letter): [string, string][] => [
    [`r${letter}x`, `${letter}x`],
    [`e${letter}x`, `${letter}x`],
    [`${letter}x`, `${letter}x`],
    [`${letter}l`, `${letter}x`],
  ]),
  ...['si', 'di', 'bp', 'sp'].flatMap((name): [string, string][] => [
    [`r${name}`, name],
    [`e${name}`, name],
    [name, name],
    [`${name}l`, name],
  ]),
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((number): [string, string][] =>
    ['', 'd', 'w', 'b'].map((width) => [`r${number}${width}`, `r${number}`]),
  ),
  ['rip', 'ip'],
  ['eip', 'ip'],
]);
