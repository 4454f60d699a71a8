/**
 * Writes the small BTF blob that goes along with the programs: function prototypes (func_info wants them, callbacks
 * cannot do without) and the script's lines as strings, which line_info refers to.
 */

const MAGIC = 0xeb9f;
const HEADER_SIZE = 24;
const KIND = { int: 1, pointer: 2, func: 12, funcProto: 13 } as const;
const INT_SIGNED = 1 << 24;

/** BtfWriter collects types and strings; equal strings and prototypes are stored once. */
export class BtfWriter {
  readonly #types: number[][] = [];
  readonly #strings = new Map<string, number>([['', 0]]);
  readonly #prototypes = new Map<string, number>();
  #stringSize = 1;
  #integer = 0;
  #pointer = 0;

  /** Offset of a string in the string section. */
  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringSize;
    this.#strings.set(text, offset);
    this.#stringSize += Buffer.byteLength(text, 'utf8') + 1;
    return offset;
  }

  /** BTF id of a static function `long name(parameters)`. */
  function(name: string, parameters: readonly ('pointer' | 'integer')[]): number {
    return this.#add(this.string(name), KIND.func << 24, this.#prototype(parameters));
  }

  #prototype(parameters: readonly ('pointer' | 'integer')[]): number {
    const key = parameters.join();
    let id = this.#prototypes.get(key);
    if (id === undefined) {
      const returns = this.#integerType();
      const types = parameters.map((kind) => (kind === 'integer' ? returns : this.#pointerType()));
      const entries = types.flatMap((type, index) => [this.string(`a${index}`), type]);
      id = this.#add(0, (KIND.funcProto << 24) | parameters.length, returns, entries);
      this.#prototypes.set(key, id);
    }
    return id;
  }

  #integerType(): number {
    if (this.#integer === 0) this.#integer = this.#add(this.string('long'), KIND.int << 24, 8, [INT_SIGNED | 64]);
    return this.#integer;
  }

  #pointerType(): number {
    if (this.#pointer === 0) this.#pointer = this.#add(0, KIND.pointer << 24, 0);
    return this.#pointer;
  }

  #add(name: number, info: number, sizeOrType: number, extra: readonly number[] = []): number {
    this.#types.push([name, info, sizeOrType, ...extra]);
    return this.#types.length;
  }

  bytes(): Uint8Array {
    const words = this.#types.flat();
    const typeSize = words.length * 4;
    const bytes = new Uint8Array(HEADER_SIZE + typeSize + this.#stringSize);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, MAGIC, true);
    view.setUint8(2, 1);
    const header = [HEADER_SIZE, 0, typeSize, typeSize, this.#stringSize];
    for (const [index, value] of header.entries()) view.setUint32(4 + index * 4, value, true);
    for (const [index, word] of words.entries()) view.setUint32(HEADER_SIZE + index * 4, word >>> 0, true);
    for (const [text, offset] of this.#strings) {
      bytes.set(Buffer.from(text, 'utf8'), HEADER_SIZE + typeSize + offset);
    }
    return bytes;
  }
}
