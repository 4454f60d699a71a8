/**
 * Constants that scripts take from the kernel's own headers, which are seldom installed: macros leave no trace in BTF,
 * so their values stand here. They are part of the kernel's interface to user space and do not change (include/uapi and
 * include/linux/socket.h, Linux 6.18, x86-64 and arm64 alike where not said otherwise).
 */

const NUMBERS: Readonly<Record<string, bigint>> = {
  AF_UNSPEC: 0n,
  AF_UNIX: 1n,
  AF_LOCAL: 1n,
  AF_INET: 2n,
  AF_INET6: 10n,
  AF_NETLINK: 16n,
  AF_PACKET: 17n,
  AF_VSOCK: 40n,
  PF_UNIX: 1n,
  PF_INET: 2n,
  PF_INET6: 10n,
  O_RDONLY: 0n,
  O_WRONLY: 1n,
  O_RDWR: 2n,
  O_ACCMODE: 3n,
  O_CREAT: 0o100n,
  O_EXCL: 0o200n,
  O_TRUNC: 0o1000n,
  O_APPEND: 0o2000n,
  O_NONBLOCK: 0o4000n,
  O_CLOEXEC: 0o2000000n,
  S_IFMT: 0o170000n,
  S_IFSOCK: 0o140000n,
  S_IFLNK: 0o120000n,
  S_IFREG: 0o100000n,
  S_IFBLK: 0o060000n,
  S_IFDIR: 0o040000n,
  S_IFCHR: 0o020000n,
  S_IFIFO: 0o010000n,
  MAY_EXEC: 1n,
  MAY_WRITE: 2n,
  MAY_READ: 4n,
  MAY_APPEND: 8n,
  PF_EXITING: 4n,
  PF_KTHREAD: 0x00200000n,
  TASK_RUNNING: 0n,
  TASK_INTERRUPTIBLE: 1n,
  TASK_UNINTERRUPTIBLE: 2n,
  TASK_COMM_LEN: 16n,
  CLONE_VM: 0x100n,
  CLONE_THREAD: 0x10000n,
  ETH_P_IP: 0x0800n,
  ETH_P_ARP: 0x0806n,
  ETH_P_IPV6: 0x86ddn,
  ETH_ALEN: 6n,
  PAGE_SHIFT: 12n,
  PAGE_SIZE: 4096n,
  SECTOR_SHIFT: 9n,
  NAME_MAX: 255n,
  PATH_MAX: 4096n,
};

/** kernelConstant gives the value of a macro of the kernel's headers. */
export function kernelConstant(name: string): bigint | undefined {
  return Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
}
