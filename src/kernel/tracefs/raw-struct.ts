/**
 * A tracepoint's record as BTF tells it, for when the `format` file cannot be read: `struct trace_event_raw_EVENT`
 * (include/trace/stages), and for system calls the fixed record of kernel/trace/trace_syscalls.c (Linux 2.6.33 on)
 * with argument names from the call's own function. The tracefs id stays unknown.
 */

import type { CMember, CType } from '../../ctype/ctype.ts';
import { declare } from '../btf/c-text.ts';
import type { TracepointField, TracepointFormat, TypeFacts } from '../facts.ts';

/** formatFromBtf describes an event's record by its structure in BTF. */
export function formatFromBtf(category: string, event: string, types: TypeFacts): TracepointFormat | undefined {
  const fields = category === 'syscalls' ? syscallFields(event, types) : structFields(event, types);
  if (fields === undefined) return undefined;
  return {
    category,
    event,
    id: 0,
    fields,
    size: fields.reduce((end, field) => Math.max(end, field.offset + field.size), 0),
  };
}

function structFields(event: string, types: TypeFacts): TracepointField[] | undefined {
  const record = types.struct(`trace_event_raw_${event}`);
  // The first member is the common header, the last the variable part.
  return record?.members
    .filter((member) => member.name !== 'ent' && member.name !== '__data')
    .map((member) => fieldOfMember(member));
}

function fieldOfMember(member: CMember): TracepointField {
  const [, kind, name = member.name] = /^__(data|rel)_loc_(.*)$/.exec(member.name) ?? [];
  const size = byteSize(member.type);
  const base = { name, offset: member.bitOffset / 8, size };
  if (kind === undefined) {
    return { ...base, declaration: declare(member.type, ''), isSigned: isSigned(member.type), type: member.type };
  }
  // What the data is made of is not told; all but a few of these are text.
  return {
    ...base,
    declaration: `__${kind}_loc char[]`,
    isSigned: false,
    location: kind === 'data' ? 'absolute' : 'relative',
    type: {
      kind: 'array',
      element: { kind: 'integer', name: 'char', size: 1, isSigned: true, encoding: 'char' },
      length: 0,
    },
  };
}

const LONG: CType = { kind: 'integer', name: 'long int', size: 8, isSigned: true, encoding: 'integer' };
const INT: CType = { kind: 'integer', name: 'int', size: 4, isSigned: true, encoding: 'integer' };

function syscallFields(event: string, types: TypeFacts): TracepointField[] | undefined {
  const [, direction, name] = /^sys_(enter|exit)_(\w+)$/.exec(event) ?? [];
  if (name === undefined) return undefined;
  const number: TracepointField = {
    name: '__syscall_nr',
    declaration: 'int',
    offset: 8,
    size: 4,
    isSigned: true,
    type: INT,
  };
  if (direction === 'exit') {
    return [number, { name: 'ret', declaration: 'long', offset: 16, size: 8, isSigned: true, type: LONG }];
  }
  const call = types.function(`__do_sys_${name}`) ?? types.function(`__se_sys_${name}`);
  if (call === undefined) return undefined;
  return [
    number,
    ...call.type.parameters.map(
      (parameter, index): TracepointField => ({
        name: parameter.name,
        declaration: declare(parameter.type, ''),
        offset: 16 + 8 * index,
        size: 8,
        isSigned: false,
        type: asUserPointer(parameter.type),
      }),
    ),
  ];
}

function asUserPointer(type: CType): CType {
  return type.kind === 'pointer' ? { kind: 'pointer', target: type.target, isUser: true } : type;
}

function byteSize(type: CType): number {
  switch (type.kind) {
    case 'typedef':
      return byteSize(type.target);
    case 'array':
      return type.length * byteSize(type.element);
    case 'pointer':
      return 8;
    case 'integer':
    case 'float':
    case 'enum':
    case 'struct':
    case 'union':
      return type.size;
    default:
      return 0;
  }
}

function isSigned(type: CType): boolean {
  if (type.kind === 'typedef') return isSigned(type.target);
  return (type.kind === 'integer' || type.kind === 'enum') && type.isSigned;
}
