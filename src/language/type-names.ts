/** Names that can only be types: what decides `(name) - 1` and `sizeof(name)` in favour of the type. */

const TYPE_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'void',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'string',
  'buffer',
  'inet',
  'timestamp',
  'mac_address',
  'usym_t',
  'ksym_t',
  'username_t',
  'cgroup_path_t',
  'kstack_t',
  'ustack_t',
]);

/** C_INTEGER_WORDS are the words that C builds its integer types of. */
export const C_INTEGER_WORDS: ReadonlySet<string> = new Set(['unsigned', 'signed', 'char', 'short', 'int', 'long']);

/** The kernel's `u32`, `__s64`, `__be16`. */
const KERNEL_INTEGER = /^(?:__)?[us](?:8|16|32|64)$|^__[bl]e(?:16|32|64)$/;

/** isTypeName is true of the language's type names, C's and the kernel's integers and names that end in `_t`. */
export function isTypeName(name: string): boolean {
  return TYPE_NAMES.has(name) || C_INTEGER_WORDS.has(name) || name.endsWith('_t') || KERNEL_INTEGER.test(name);
}
