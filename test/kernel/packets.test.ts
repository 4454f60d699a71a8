/** `skboutput`: what a capture file holds after packets of known content went over the loopback. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceText } from '../support/traced-run.ts';

interface Captured {
  readonly timeMs: number;
  readonly wholeLength: number;
  readonly bytes: Buffer;
}

const ETHERNET = 14;
/** IPv4 without options, UDP. */
const HEADERS = 20 + 8;
const HELLO = Buffer.from('hello, packet');
/** More than fits the linear part of a packet. */
const LARGE = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251));

/** Sends payloads, one after the other, to a port of this process, and waits until they have come. */
async function send(payloads: readonly Buffer[]): Promise<void> {
  const receiver = createSocket('udp4');
  const sender = createSocket('udp4');
  try {
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    for (const payload of payloads) {
      const received = once(receiver, 'message');
      sender.send(payload, receiver.address().port, '127.0.0.1');
      await received;
    }
  } finally {
    receiver.close();
    sender.close();
  }
}

/** Runs the body for each packet that this process sends, and reads what was captured. */
async function capture(body: (file: string) => string, payloads: readonly Buffer[]) {
  const folder = mkdtempSync(join(tmpdir(), 'bptop-packets-'));
  const file = join(folder, 'p.pcap');
  try {
    const { output, messages } = await traceText(
      `rawtracepoint:net_dev_queue /pid == ${process.pid}/ { ${body(file)} }`,
      () => send(payloads),
    );
    return { output: output.trimEnd(), messages, packets: readPcap(readFileSync(file)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readPcap(bytes: Buffer): Captured[] {
  // Magic of nanosecond files, version 2.4, no zone, largest packet, link type of raw IP.
  expect([0, 4, 6, 20].map((at) => (at === 4 || at === 6 ? bytes.readUInt16LE(at) : bytes.readUInt32LE(at)))).toEqual([
    0xa1b23c4d, 2, 4, 101,
  ]);
  const packets: Captured[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    packets.push({
      timeMs: bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1e6,
      wholeLength: bytes.readUInt32LE(at + 12),
      bytes: bytes.subarray(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return packets;
}

test('whole packets behind the Ethernet header, in order, with their time', async () => {
  const before = Date.now();
  const { output, messages, packets } = await capture(
    (file) => `$r = skboutput("${file}", args.skb, args.skb.len, ${ETHERNET}); printf("%d\\n", $r);`,
    [HELLO, LARGE, HELLO],
  );
  expect([output, messages]).toEqual(['0\n0\n0', 'Attached 1 probe\n']);
  expect(packets.map(({ bytes }) => bytes.subarray(HEADERS))).toEqual([HELLO, LARGE, HELLO]);
  for (const { bytes, wholeLength, timeMs } of packets) {
    expect([bytes[0], bytes.readUInt16BE(2), bytes.subarray(16, 20)]).toEqual([
      0x45,
      bytes.length,
      Buffer.from([127, 0, 0, 1]),
    ]);
    expect(wholeLength).toBe(bytes.length);
    expect(timeMs).toBeGreaterThan(before - 1000);
    expect(timeMs).toBeLessThan(Date.now() + 1000);
  }
  const times = packets.map(({ timeMs }) => timeMs);
  expect([...times].sort((a, b) => a - b)).toEqual(times);
});

test('a part of a packet', async () => {
  const start = ETHERNET + HEADERS;
  const { packets } = await capture((file) => `_ = skboutput("${file}", args.skb, 5, ${start + 7});`, [HELLO]);
  expect(packets.map(({ bytes }) => bytes.toString())).toEqual(['packe']);
});

test('calls that name one file write to one file', async () => {
  const { packets } = await capture(
    (file) => {
      const header = ETHERNET + HEADERS;
      return `_ = skboutput("${file}", args.skb, 2, ${header}); $s = args.skb; _ = skboutput("${file}", $s, 3, ${header + 2});`;
    },
    [HELLO],
  );
  expect(packets.map(({ bytes }) => bytes.toString())).toEqual(['he', 'llo']);
});

test('more than the packet has is refused as the kernel does', async () => {
  const { output, packets } = await capture(
    (file) =>
      `printf("%d\\n", skboutput("${file}", args.skb, args.skb.len + 1, 0)); _ = skboutput("${file}", args.skb, 1, 0);`,
    [HELLO],
  );
  expect(output).toBe('-14');
  expect(packets.map(({ wholeLength }) => wholeLength)).toEqual([1]);
});
