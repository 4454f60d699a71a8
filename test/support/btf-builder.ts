/** Writes small BTF blobs by hand, record by record, so that the reader is tested without a kernel and without itself. */

/** BtfBuilder collects records; ids count from `firstId`. */
export class BtfBuilder {
  readonly #words: number[] = [];
  readonly #stringBase: number;
  #strings: string;
  #nextId: number;

  /** A split blob continues the ids and strings of its base. */
  constructor(base?: BtfBuilder) {
    this.#nextId = base === undefined ? 1 : base.#nextId;
    this.#stringBase = base === undefined ? 0 : base.#stringBase + base.#strings.length;
    this.#strings = base === undefined ? '\0' : '';
  }

  /** string gives the offset of a name. */
  string(text: string): number {
    if (text === '') return 0;
    const known = this.#strings.indexOf(`${text}\0`);
    if (known === 0 || (known > 0 && this.#strings[known - 1] === '\0')) return this.#stringBase + known;
    const offset = this.#stringBase + this.#strings.length;
    this.#strings += `${text}\0`;
    return offset;
  }

  /** add appends a record: kind, name, the word for size or type, then the rest; gives its id. */
  add(kind: number, name: string, sizeOrType: number, rest: readonly number[] = [], count = 0, flag = false): number {
    this.#words.push(this.string(name), ((kind << 24) | count | (flag ? 1 << 31 : 0)) >>> 0, sizeOrType, ...rest);
    return this.#nextId++;
  }

  integer(name: string, size: number, encoding = 0): number {
    return this.add(1, name, size, [(encoding << 24) | (size * 8)]);
  }

  pointer(target: number): number {
    return this.add(2, '', target);
  }

  struct(
    name: string,
    size: number,
    members: readonly (readonly [name: string, type: number, place: number])[],
  ): number {
    const rest = members.flatMap(([member, type, place]) => [this.string(member), type, place]);
    return this.add(4, name, size, rest, members.length);
  }

  function(name: string, returns: number, parameters: readonly (readonly [name: string, type: number])[]): number {
    const rest = parameters.flatMap(([parameter, type]) => [this.string(parameter), type]);
    const prototype = this.add(13, '', returns, rest, parameters.length);
    return this.add(12, name, prototype);
  }

  bytes(): Buffer {
    const body = Buffer.from(Uint32Array.from(this.#words).buffer);
    const strings = Buffer.from(this.#strings, 'latin1');
    const header = Uint32Array.from([0x0001eb9f, 24, 0, body.length, body.length, strings.length]);
    return Buffer.concat([new Uint8Array(header.buffer), body, strings]);
  }
}
