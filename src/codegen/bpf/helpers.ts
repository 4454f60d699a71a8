/**
 * The kernel's helper functions by the names the compiler uses, with their numbers (uapi/linux/bpf.h) and what the
 * optimiser may assume of them. `pure`: the same arguments give the same result within one run of a program.
 */

export interface HelperInfo {
  readonly id: number;
  readonly isPure?: boolean;
  /** The Linux version that brought it, where that is later than 5.10, which all the others are part of. */
  readonly since?: string;
}

export const HELPERS = {
  map_lookup_elem: { id: 1 },
  map_update_elem: { id: 2 },
  map_delete_elem: { id: 3 },
  ktime_get_ns: { id: 5 },
  trace_printk: { id: 6 },
  get_prandom_u32: { id: 7 },
  get_smp_processor_id: { id: 8, isPure: true },
  get_current_pid_tgid: { id: 14, isPure: true },
  get_current_uid_gid: { id: 15, isPure: true },
  get_current_comm: { id: 16 },
  get_stackid: { id: 27 },
  get_current_task: { id: 35, isPure: true },
  probe_write_user: { id: 36 },
  get_numa_node_id: { id: 42, isPure: true },
  get_socket_cookie: { id: 46 },
  override_return: { id: 58 },
  get_stack: { id: 67 },
  get_current_cgroup_id: { id: 80, isPure: true },
  send_signal: { id: 109 },
  skb_output: { id: 111 },
  probe_read_user: { id: 112 },
  probe_read_kernel: { id: 113 },
  probe_read_user_str: { id: 114 },
  probe_read_kernel_str: { id: 115 },
  send_signal_thread: { id: 117 },
  jiffies64: { id: 118 },
  get_ns_current_pid_tgid: { id: 120 },
  ktime_get_boot_ns: { id: 125 },
  ringbuf_output: { id: 130 },
  ringbuf_reserve: { id: 131 },
  ringbuf_submit: { id: 132 },
  ringbuf_discard: { id: 133 },
  d_path: { id: 147 },
  per_cpu_ptr: { id: 153 },
  this_cpu_ptr: { id: 154 },
  get_current_task_btf: { id: 158, since: '5.11', isPure: true },
  for_each_map_elem: { id: 164, since: '5.13' },
  get_func_ip: { id: 173, since: '5.15', isPure: true },
  get_attach_cookie: { id: 174, since: '5.15', isPure: true },
  trace_vprintk: { id: 177, since: '5.16' },
  loop: { id: 181, since: '5.17' },
  get_func_ret: { id: 184, since: '5.17' },
  map_lookup_percpu_elem: { id: 195, since: '5.19' },
  ktime_get_tai_ns: { id: 208, since: '6.1' },
} as const satisfies Record<string, HelperInfo>;

export type HelperName = keyof typeof HELPERS;

/** helperInfo gives number and properties of a helper. */
export function helperInfo(name: HelperName): HelperInfo {
  return HELPERS[name];
}

const NAMES = new Map<number, string>(Object.entries(HELPERS).map(([name, info]) => [info.id, name]));

/** helperNameOf gives the name for a number, for the disassembler and for verifier messages. */
export function helperNameOf(id: number): string | undefined {
  return NAMES.get(id);
}
