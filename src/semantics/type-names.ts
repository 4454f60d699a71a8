/**
 * Types as users read them in messages, in `-d types` and in completion: `int8`, `string[6]`, `(int8,string[2])`,
 * `struct foo *`, `kstack_bpftrace_127`, `usum_t`.
 */

import type { AggregateType, Type } from './types.ts';

/** typeName spells a type the way diagnostics do. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case 'none':
    case 'void':
    case 'bool':
    case 'inet':
      return type.kind;
    case 'integer':
      return `${type.isSigned ? 'int' : 'uint'}${type.bits}`;
    case 'enum':
      return type.name === '' ? 'enum' : `enum ${type.name}`;
    case 'pointer':
      return `${typeName(type.target)} *`;
    case 'string':
      return `string[${type.capacity}]`;
    case 'buffer':
      return `buffer[${type.capacity}]`;
    case 'array':
      return `${typeName(type.element)}[${type.length}]`;
    case 'tuple':
      return `(${type.elements.map(typeName).join(',')})`;
    case 'record':
      return `{${type.fields.map((field) => `.${field.name}=${typeName(field.type)}`).join(',')}}`;
    case 'struct':
      return `${type.composite.kind} ${type.composite.name || '<anonymous>'}`;
    case 'stack':
      return `${type.isUser ? 'ustack' : 'kstack'}_${type.mode}_${type.depth}`;
    case 'ksym':
    case 'usym':
    case 'username':
      return `${type.kind}_t`;
    case 'mac':
      return 'mac_address';
    case 'timestamp':
      return 'timestamp';
    case 'cgroupPath':
      return 'cgroup_path_t';
    case 'probeName':
      return 'string';
    default:
      return aggregateName(type);
  }
}

function aggregateName(type: AggregateType): string {
  switch (type.kind) {
    case 'count':
    case 'hist':
    case 'lhist':
    case 'tseries':
      return `${type.kind}_t`;
    default:
      return `${type.isSigned ? '' : 'u'}${type.kind}_t`;
  }
}
