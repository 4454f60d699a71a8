/**
 * `%gr`: the kernel's allocation flags by name. The compound masks come first, as the kernel's own tracepoints print
 * them (include/trace/events/mmflags.h, kernel 6.12); bits without a name follow in hexadecimal.
 */

const bit = (position: number): bigint => 1n << BigInt(position);

const BITS: readonly (readonly [string, bigint])[] = [
  ['__GFP_DMA', bit(0)],
  ['__GFP_HIGHMEM', bit(1)],
  ['__GFP_DMA32', bit(2)],
  ['__GFP_MOVABLE', bit(3)],
  ['__GFP_RECLAIMABLE', bit(4)],
  ['__GFP_HIGH', bit(5)],
  ['__GFP_IO', bit(6)],
  ['__GFP_FS', bit(7)],
  ['__GFP_ZERO', bit(8)],
  ['__GFP_DIRECT_RECLAIM', bit(10)],
  ['__GFP_KSWAPD_RECLAIM', bit(11)],
  ['__GFP_WRITE', bit(12)],
  ['__GFP_NOWARN', bit(13)],
  ['__GFP_RETRY_MAYFAIL', bit(14)],
  ['__GFP_NOFAIL', bit(15)],
  ['__GFP_NORETRY', bit(16)],
  ['__GFP_MEMALLOC', bit(17)],
  ['__GFP_COMP', bit(18)],
  ['__GFP_NOMEMALLOC', bit(19)],
  ['__GFP_HARDWALL', bit(20)],
  ['__GFP_THISNODE', bit(21)],
  ['__GFP_ACCOUNT', bit(22)],
  ['__GFP_ZEROTAGS', bit(23)],
];

const RECLAIM = bit(10) | bit(11);
const KERNEL = RECLAIM | bit(6) | bit(7);
const USER = KERNEL | bit(20);
const HIGHUSER = USER | bit(1);
const MOVABLE = HIGHUSER | bit(3);
const TRANSHUGE_LIGHT = (MOVABLE | bit(18) | bit(19) | bit(13)) & ~RECLAIM;

const COMPOUNDS: readonly (readonly [string, bigint])[] = [
  ['GFP_TRANSHUGE', TRANSHUGE_LIGHT | bit(10)],
  ['GFP_TRANSHUGE_LIGHT', TRANSHUGE_LIGHT],
  ['GFP_HIGHUSER_MOVABLE', MOVABLE],
  ['GFP_HIGHUSER', HIGHUSER],
  ['GFP_USER', USER],
  ['GFP_KERNEL_ACCOUNT', KERNEL | bit(22)],
  ['GFP_KERNEL', KERNEL],
  ['GFP_NOFS', RECLAIM | bit(6)],
  ['GFP_ATOMIC', bit(5) | bit(11)],
  ['GFP_NOIO', RECLAIM],
  ['GFP_NOWAIT', bit(11)],
  ['GFP_DMA', bit(0)],
  ['GFP_DMA32', bit(2)],
  ['__GFP_RECLAIM', RECLAIM],
];

/** gfpFlagsText names the flags of a mask, joined by `|`; `none` for no flags. */
export function gfpFlagsText(mask: bigint): string {
  if (mask === 0n) return 'none';
  const names: string[] = [];
  let rest = mask;
  for (const [name, bits] of [...COMPOUNDS, ...BITS]) {
    if ((rest & bits) !== bits) continue;
    names.push(name);
    rest &= ~bits;
  }
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names.join('|');
}
