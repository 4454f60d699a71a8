/**
 * Leaves the closing of descriptors to the kernel, where it takes long: a perf tracepoint is closed in some 40 ms, one
 * after the other under a lock, and neither threads nor the end of the process shorten that. Descriptors in flight over a
 * Unix socket that is itself in flight over itself belong to nobody; the kernel's collector closes them in a worker of
 * its own (net/unix/garbage.c), whether or not this process still exists.
 */

import { callLibc } from './library.ts';
import { StructLayout } from './struct.ts';
import { closeDescriptor, closeInThread } from './syscall.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** SCM_MAX_FD, include/net/scm.h */
const MOST_PER_MESSAGE = 253;

const MESSAGE = new StructLayout([
  ['msg_name', 'pointer'],
  ['msg_namelen', 'u32'],
  ['msg_iov', 'pointer'],
  ['msg_iovlen', 'u64'],
  ['msg_control', 'pointer'],
  ['msg_controllen', 'u64'],
  ['msg_flags', 'i32'],
]);

const IO_VECTOR = new StructLayout([
  ['iov_base', 'pointer'],
  ['iov_len', 'u64'],
]);

const CONTROL_HEAD = new StructLayout([
  ['cmsg_len', 'u64'],
  ['cmsg_level', 'i32'],
  ['cmsg_type', 'i32'],
]);

/** abandonDescriptors closes descriptors without waiting; where the kernel does not take them over, in a thread. */
export async function abandonDescriptors(fds: readonly number[]): Promise<void> {
  if (fds.length === 0) return;
  const pair = Buffer.alloc(8);
  const { value } = callLibc('socketpair', [
    ['i32', AF_UNIX],
    ['i32', SOCK_DGRAM_CLOEXEC],
    ['i32', 0],
    ['buffer', pair],
  ]);
  if (value !== 0) return closeInThread(fds);
  const sender = pair.readInt32LE(0);
  const receiver = pair.readInt32LE(4);
  let isTaken = send(sender, [receiver]);
  for (let start = 0; isTaken && start < fds.length; start += MOST_PER_MESSAGE) {
    isTaken = send(sender, fds.slice(start, start + MOST_PER_MESSAGE));
  }
  if (isTaken) for (const fd of fds) closeDescriptor(fd);
  // The collector runs as the sender goes, and must find that the receiver is nobody's by then.
  closeDescriptor(receiver);
  closeDescriptor(sender);
  if (!isTaken) await closeInThread(fds);
}

function send(socket: number, fds: readonly number[]): boolean {
  const control = Buffer.alloc(CONTROL_HEAD.size + Math.ceil((fds.length * 4) / 8) * 8);
  const length = CONTROL_HEAD.size + fds.length * 4;
  CONTROL_HEAD.write(control, 'cmsg_len', length);
  CONTROL_HEAD.write(control, 'cmsg_level', SOL_SOCKET);
  CONTROL_HEAD.write(control, 'cmsg_type', SCM_RIGHTS);
  for (const [index, fd] of fds.entries()) control.writeInt32LE(fd, CONTROL_HEAD.size + index * 4);
  const message = MESSAGE.encode({
    msg_iov: IO_VECTOR.encode({ iov_base: Buffer.alloc(1), iov_len: 1 }),
    msg_iovlen: 1,
    msg_control: control,
    msg_controllen: control.length,
  });
  return message.during((bytes) => {
    const { value } = callLibc('sendmsg', [
      ['i32', socket],
      ['buffer', bytes],
      ['i32', 0],
    ]);
    return value === 1;
  });
}
