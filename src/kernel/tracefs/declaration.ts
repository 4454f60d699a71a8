/**
 * The C declarations of tracefs `format` files (`const char *`, `u8[16]`, `enum xfs_dinode_fmt`) → CType, names looked
 * up in BTF. A kernel without BTF still knows the words of C and the kernel's own integer names.
 */

import type { CInteger, CType } from '../../ctype/ctype.ts';
import type { TypeFacts } from '../facts.ts';

const VOID: CType = Object.freeze({ kind: 'void' });

const integer = (name: string, size: number, isSigned: boolean): CInteger => ({
  kind: 'integer',
  name,
  size,
  isSigned,
  encoding: name === 'char' ? 'char' : name === '_Bool' ? 'bool' : 'integer',
});

/** Words of C on the 64-bit machines we run on, and names every kernel has, should BTF be missing. */
const INTEGERS: Readonly<Record<string, CInteger>> = Object.fromEntries(
  (
    [
      ['_Bool', 1, false, ['bool']],
      ['char', 1, true, []],
      ['signed char', 1, true, ['s8', '__s8', 'int8_t']],
      ['unsigned char', 1, false, ['u8', '__u8', 'uint8_t']],
      ['short int', 2, true, ['short', 's16', '__s16', 'int16_t']],
      ['short unsigned int', 2, false, ['unsigned short', 'u16', '__u16', 'uint16_t', 'umode_t', '__be16', '__le16']],
      ['int', 4, true, ['signed int', 'signed', 's32', '__s32', 'int32_t', 'pid_t']],
      [
        'unsigned int',
        4,
        false,
        ['unsigned', 'u32', '__u32', 'uint32_t', 'dev_t', 'uid_t', 'gid_t', 'gfp_t', '__be32', '__le32'],
      ],
      ['long int', 8, true, ['long', 'ssize_t', 'off_t']],
      ['long unsigned int', 8, false, ['unsigned long', 'size_t', 'ino_t', 'aio_context_t']],
      ['long long int', 8, true, ['long long', 's64', '__s64', 'int64_t', 'loff_t', 'ktime_t']],
      [
        'long long unsigned int',
        8,
        false,
        ['unsigned long long', 'u64', '__u64', 'uint64_t', 'sector_t', '__be64', '__le64'],
      ],
    ] as const
  ).flatMap(([name, size, isSigned, aliases]) => {
    const type = integer(name, size, isSigned);
    return [name, ...aliases].map((spelling) => [spelling, type]);
  }),
);

/** What is known of a field besides its declaration. */
export interface FieldShape {
  readonly size: number;
  readonly isSigned: boolean;
  /** Pointers of this record lead to user space. */
  readonly isUser: boolean;
}

/** parseDeclaration understands a declaration without its name; what it cannot place is an integer of the field's size. */
export function parseDeclaration(text: string, shape: FieldShape, types: TypeFacts): CType {
  const bare = text.replace(/^__(?:data|rel)_loc\s+/, '');
  const isLocated = bare !== text;
  const [, base = '', suffix = ''] = /^(.*?)\s*((?:\[[^\]]*\]\s*)*)$/.exec(bare) ?? [];
  if (suffix === '') return pointerOrNamed(base, shape, types);
  // One length per bracket; a macro's name (`TASK_COMM_LEN`, before 5.19) leaves it to the size.
  const lengths = [...suffix.matchAll(/\[([^\]]*)\]/g)].map(([, length = '']) => Number(length.trim() || 0));
  const element = pointerOrNamed(base, { ...shape, size: elementSize(shape.size, lengths) }, types);
  const elementBytes = sizeOf(element);
  return lengths.reduceRight<CType>(
    (type, length, position) => ({
      kind: 'array',
      element: type,
      length: isLocated
        ? 0
        : Number.isNaN(length) && position === 0 && elementBytes > 0
          ? Math.trunc(shape.size / elementBytes)
          : length || 0,
    }),
    element,
  );
}

function elementSize(size: number, lengths: readonly number[]): number {
  const count = lengths.reduce((product, length) => product * length, 1);
  return count > 0 && size % count === 0 ? size / count : 1;
}

function pointerOrNamed(text: string, shape: FieldShape, types: TypeFacts): CType {
  if (text.includes('(')) return { kind: 'pointer', target: VOID, isUser: shape.isUser }; // a function's
  const depth = text.split('*').length - 1;
  const words = text.replaceAll('*', ' ').split(/\s+/);
  const name = words.filter((word) => word !== '' && !IGNORED.has(word)).join(' ');
  const isUser = shape.isUser || words.includes('__user');
  let type = namedType(name, depth > 0 ? undefined : shape, types);
  for (let level = 0; level < depth; level++) type = { kind: 'pointer', target: type, isUser };
  return type;
}

const WORDS_OF_C = /^(?:(?:_Bool|char|short|int|long|signed|unsigned)\b ?)+$/;
const IGNORED: ReadonlySet<string> = new Set(['const', 'volatile', '__user', '__rcu', '__kernel', '__percpu']);

function namedType(name: string, shape: FieldShape | undefined, types: TypeFacts): CType {
  if (name === 'void') return VOID;
  const [, tag, tagged = ''] = /^(struct|union|enum) (\w+)$/.exec(name) ?? [];
  if (tag === 'struct' || tag === 'union' || tag === 'enum') {
    const found = types[tag](tagged);
    if (found !== undefined) return found;
    return shape === undefined || tag !== 'enum' ? { kind: 'forward', tag, name: tagged } : bySize(shape);
  }
  const known = INTEGERS[name];
  // No typedef has such a name, and the first look into BTF costs a millisecond.
  if (known !== undefined && WORDS_OF_C.test(name)) return known;
  return types.typedef(name) ?? known ?? (shape === undefined ? VOID : bySize(shape));
}

function bySize({ size, isSigned }: FieldShape): CType {
  const spelling = { 1: 's8', 2: 's16', 4: 's32', 8: 's64' }[size];
  if (spelling === undefined) return { kind: 'array', element: INTEGERS['u8'] ?? VOID, length: size };
  return INTEGERS[isSigned ? spelling : spelling.replace('s', 'u')] ?? VOID;
}

function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'struct':
    case 'union':
    case 'enum':
      return type.size;
    case 'pointer':
      return 8;
    case 'typedef':
      return sizeOf(type.target);
    case 'array':
      return type.length * sizeOf(type.element);
    default:
      return 0;
  }
}
