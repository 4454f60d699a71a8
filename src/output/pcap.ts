/**
 * `skboutput`: packets appended to a pcap file (link type raw IP, nanosecond time stamps), written as they come.
 */

import { closeSync, openSync, writeSync } from 'node:fs';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINK_TYPE_RAW = 101;
const MAX_PACKET_BYTES = 65535;

export class PcapFile {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
    const header = Buffer.alloc(24);
    header.writeUInt32LE(MAGIC_NANOSECONDS, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(MAX_PACKET_BYTES, 16);
    header.writeUInt32LE(LINK_TYPE_RAW, 20);
    writeSync(this.#fd, header);
  }

  /** Appends one packet; `timeNs` is wall-clock time, `wholeLength` what the packet had before it was cut. */
  append(timeNs: bigint, packet: Uint8Array, wholeLength = packet.length): void {
    const record = Buffer.alloc(16 + packet.length);
    record.writeUInt32LE(Number(timeNs / 1_000_000_000n), 0);
    record.writeUInt32LE(Number(timeNs % 1_000_000_000n), 4);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(wholeLength, 12);
    record.set(packet, 16);
    writeSync(this.#fd, record);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
