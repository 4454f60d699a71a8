/**
 * `skboutput`: the kernel itself copies the packet, fragments included, into a perf event buffer, behind a record that
 * says where it belongs. Of all output helpers only this one reads packets, and it knows no ring buffer.
 */

import type { Action } from '../../semantics/program.ts';
import type { Operand, VirtualRegister } from '../ir/ir.ts';
import { PACKET_RECORD } from '../object.ts';
import { countLoss } from './events.ts';
import type { FunctionContext } from './function-context.ts';
import { addressOf, at, inFrame, loadBytes, type Place, storeBytes } from './place.ts';

/** BPF_F_CURRENT_CPU; the bytes to copy lie above it (BPF_F_CTXLEN_MASK, include/uapi/linux/bpf.h). */
const CURRENT_CPU = 0xffffffffn;
const LENGTH_SHIFT = 32n;
/** A perf record's size has 16 bits, its own headers and ours included. */
const MOST_BYTES = 65_024n;
const ENOSPC = BigInt.asUintN(64, -28n);
const EFAULT = BigInt.asUintN(64, -14n);

/** emitPacket hands bytes `offset` to `offset + length` of the packet, as far as it goes; 0 or a negative error. */
export function emitPacket(
  fc: FunctionContext,
  action: Action,
  packet: { readonly pointer: Operand; readonly place: Place },
  length: Operand,
  offset: Operand,
): Operand {
  const { builder, program } = fc;
  const result = builder.copy(EFAULT);
  const within = builder.block();
  const lost = builder.block(true);
  const done = builder.block();
  const size = loadBytes(fc, at(packet.place, program.packetLengthOffset), 4);
  builder.branch('greater', length, size, done, within);
  builder.enter(within);
  const end = builder.copy(builder.binary('add', length, offset));
  atMost(fc, end, size);
  const wire = builder.copy(end);
  atMost(fc, end, MOST_BYTES);
  const record = inFrame(builder.slot(PACKET_RECORD.size));
  storeBytes(fc, at(record, PACKET_RECORD.action), 4, BigInt(action.id));
  storeBytes(fc, at(record, PACKET_RECORD.skipped), 4, offset);
  storeBytes(fc, at(record, PACKET_RECORD.copied), 4, end);
  storeBytes(fc, at(record, PACKET_RECORD.whole), 4, wire);
  storeBytes(fc, at(record, PACKET_RECORD.time), 8, builder.call('ktime_get_boot_ns', []));
  const flags = builder.binary('or', builder.binary('shiftLeft', end, LENGTH_SHIFT), CURRENT_CPU);
  const map = builder.mapHandle(program.object.packetsMap);
  const status = builder.call('skb_output', [
    packet.pointer,
    map,
    flags,
    addressOf(fc, record),
    BigInt(PACKET_RECORD.size),
  ]);
  builder.move(result, status);
  builder.branch('equal', status, ENOSPC, lost, done);
  builder.enter(lost);
  countLoss(fc);
  builder.jump(done);
  builder.enter(done);
  return builder.extend(result, 32, false);
}

function atMost(fc: FunctionContext, value: VirtualRegister, limit: Operand): void {
  const { builder } = fc;
  const above = builder.block();
  const done = builder.block();
  builder.branch('greater', value, limit, above, done);
  builder.enter(above);
  builder.move(value, limit);
  builder.jump(done);
  builder.enter(done);
}
