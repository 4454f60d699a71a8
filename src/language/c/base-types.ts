/** C's own types, with BTF's spellings, and the names that every script may take for granted. */

import type { CFloat, CInteger, CType, CVoid } from '../../ctype/ctype.ts';

/** C_VOID is `void`. */
export const C_VOID: CVoid = Object.freeze({ kind: 'void' });

function integer(name: string, size: number, isSigned: boolean): CInteger {
  const encoding = name === '_Bool' ? 'bool' : name.endsWith('char') ? 'char' : 'integer';
  return Object.freeze({ kind: 'integer', name, size, isSigned, encoding });
}

function float(name: string, size: number): CFloat {
  return Object.freeze({ kind: 'float', name, size });
}

/** C_INT is what an enumerator is and what a missing type means. */
export const C_INT = integer('int', 4, true);

const SIGNED_CHAR = integer('signed char', 1, true);
const UNSIGNED_CHAR = integer('unsigned char', 1, false);
const SHORT = integer('short int', 2, true);
const UNSIGNED_SHORT = integer('short unsigned int', 2, false);
const UNSIGNED_INT = integer('unsigned int', 4, false);
const LONG = integer('long int', 8, true);
const UNSIGNED_LONG = integer('long unsigned int', 8, false);
const LONG_LONG = integer('long long int', 8, true);
const UNSIGNED_LONG_LONG = integer('long long unsigned int', 8, false);

/** Words that a base type is made of; the order in which they stand does not matter. */
export const BASE_WORDS: ReadonlySet<string> = new Set([
  'void',
  'char',
  'short',
  'int',
  'long',
  'float',
  'double',
  'signed',
  'unsigned',
  '__signed__',
  '__signed',
  '_Bool',
  '__int128',
  '_Complex',
  '_Float128',
  '__float128',
]);

/** baseType gives the type of `unsigned long int` and the like. */
export function baseType(words: readonly string[], isCharSigned: boolean): CType {
  const has = (word: string) => words.includes(word);
  const isUnsigned = has('unsigned');
  if (has('void')) return C_VOID;
  if (has('_Bool')) return integer('_Bool', 1, false);
  if (has('char')) {
    if (isUnsigned) return UNSIGNED_CHAR;
    if (has('signed') || has('__signed__') || has('__signed')) return SIGNED_CHAR;
    return integer('char', 1, isCharSigned);
  }
  if (has('float')) return float('float', 4);
  if (has('double')) return has('long') ? float('long double', 16) : float('double', 8);
  if (has('_Float128') || has('__float128')) return float('_Float128', 16);
  if (has('__int128')) return integer(isUnsigned ? '__int128 unsigned' : '__int128', 16, !isUnsigned);
  if (has('short')) return isUnsigned ? UNSIGNED_SHORT : SHORT;
  const longs = words.filter((word) => word === 'long').length;
  if (longs >= 2) return isUnsigned ? UNSIGNED_LONG_LONG : LONG_LONG;
  if (longs === 1) return isUnsigned ? UNSIGNED_LONG : LONG;
  return isUnsigned ? UNSIGNED_INT : C_INT;
}

/** WELL_KNOWN are type names that hold without any header, as old scripts expect from the kernel's. */
export const WELL_KNOWN: ReadonlyMap<string, CType> = new Map<string, CType>([
  ...(
    [
      [SIGNED_CHAR, 's8 __s8 int8_t'],
      [UNSIGNED_CHAR, 'u8 __u8 uint8_t u_char'],
      [SHORT, 's16 __s16 int16_t'],
      [UNSIGNED_SHORT, 'u16 __u16 uint16_t u_short __be16 __le16 __sum16 umode_t sa_family_t in_port_t'],
      [C_INT, 's32 __s32 int32_t pid_t __kernel_pid_t'],
      [UNSIGNED_INT, 'u32 __u32 uint32_t u_int __be32 __le32 __wsum uid_t gid_t dev_t gfp_t in_addr_t'],
      [LONG, 'ssize_t off_t ptrdiff_t intptr_t time_t suseconds_t'],
      [UNSIGNED_LONG, 'size_t uintptr_t ino_t u_long'],
      [LONG_LONG, 's64 __s64 int64_t loff_t ktime_t'],
      [UNSIGNED_LONG_LONG, 'u64 __u64 uint64_t sector_t blkcnt_t __be64 __le64'],
      [integer('_Bool', 1, false), 'bool'],
    ] as const
  ).flatMap(([type, names]) => names.split(' ').map((name) => [name, type] as const)),
]);
