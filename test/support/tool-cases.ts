/**
 * What each bundled tool must find: a workload in the shell that does something known, and how it shows in the tool's
 * output. A row without `expect` says why nothing can be made to happen on the machines that the tests know; such a tool is
 * still compiled, loaded and attached.
 */

import {
  BROKEN_DISK,
  BUSY,
  COLD_START,
  COLLAPSE,
  CONNECT,
  CROWD,
  CROWDED_CPU,
  DIRECT_WRITE,
  inGroup,
  inMemoryGroup,
  JAVA,
  LOW_MEMORY,
  mountLoop,
  NFS,
  OVERFLOW,
  POSTGRES,
  REFUSED,
  SUSPEND,
  SWAP,
  TLS,
} from './tool-workloads.ts';

export interface ToolCase {
  readonly tool: string;
  readonly workload: string;
  readonly args?: readonly string[];
  readonly expect?: RegExp;
  readonly why?: string;
  /** The workload starts first and waits; its pid is the tool's first parameter, since uprobes on malloc slow everybody. */
  readonly isForOneProcess?: boolean;
  /** Needs kprobes, or a machine that nobody else uses: runs in the virtual machine, with each of its kernels. */
  readonly isForVm?: boolean;
  /** Leaves the machine with another clock. */
  readonly upsetsClock?: boolean;
  /** A command that is found nowhere or lacks markers here: test/workloads/markers.c takes its place in $PATH. */
  readonly standIn?: string;
}

export const TOOL_CASES: readonly ToolCase[] = [
  // cpu
  { tool: 'runqlat', workload: CROWDED_CPU, expect: /^\[\d+K, \d+[KM]\) +\d+ \|/m },
  { tool: 'runqlen', workload: CROWDED_CPU, expect: /^\[[1-9]\d*\] +[1-9]\d* \|/m },
  { tool: 'profile', workload: BUSY, expect: /, sh\]: \d+/ },
  // Of one process, since the stacks of a whole machine take long to name when it is busy.
  { tool: 'offcputime', workload: 'exec sleep 0.2', isForOneProcess: true, expect: /, sleep\]: [2-9]\d{5}/ },
  {
    tool: 'wakeups',
    workload: 'yes | head -c 1000000 | cat >/dev/null',
    expect: /@wakeups\[.*(yes|head|cat).*\]: \d+/,
  },
  {
    tool: 'migrations',
    workload:
      'taskset -c 0 sh -c "for i in 1 2 3; do taskset -cp 1 \\$\\$; sleep 0.01; taskset -cp 0 \\$\\$; sleep 0.01; done" >/dev/null',
    expect: /@moves\[sh, \d+, 0, 1\]: \d+/,
  },
  { tool: 'switches', workload: 'for i in 1 2 3; do sleep 0.01; done', expect: /@switches\[sleep, voluntary\]: \d+/ },
  { tool: 'cpudist', workload: BUSY, expect: /^\[\d+K, \d+[KM]\) +\d+ \|/m },
  { tool: 'softirqs', workload: `${DIRECT_WRITE}; ${BUSY}`, expect: /@ns\[(timer|sched|rcu|block)\]: \d+/ },
  { tool: 'hardirqs', workload: DIRECT_WRITE, expect: /@ns\[.+\]: \d+/ },
  {
    tool: 'cpufreq',
    // From 2,000 MHz to 1,000, which are all that there are.
    workload:
      'cd /sys/devices/system/cpu/cpu0/cpufreq; echo userspace >scaling_governor; for i in 1 2 3; do echo 2000000 >scaling_setspeed; echo 1000000 >scaling_setspeed; done',
    expect: /^@mhz\[0\]: ?\n\[1000, 1200\) +[34] \|/m,
    isForVm: true,
    upsetsClock: true,
  },
  { tool: 'cpuidle', workload: 'sleep 0.5', expect: /@us\[\d+\]:\n/, isForVm: true },
  { tool: 'cpuwalk', workload: BUSY, expect: /^\[[01]\] .*@/m },
  // processes
  { tool: 'execsnoop', workload: '/bin/echo known argument >/dev/null', expect: /\/bin\/echo known argument/ },
  { tool: 'exitsnoop', workload: "sh -c 'exit 42' || true", expect: /sh +42 +0/ },
  { tool: 'forks', workload: 'for i in 1 2 3 4 5; do /bin/true; done', expect: /@forks\[bash, \d+\]: [5-9]/ },
  {
    tool: 'threads',
    workload: `node -e "new (require('worker_threads').Worker)('', { eval: true })"`,
    expect: /@threads\[node, \d+\]: \d+/,
  },
  { tool: 'killsnoop', workload: 'sleep 5 & kill -TERM $!; wait || true', expect: /bash +15 +\d+ +0/ },
  {
    tool: 'signals',
    workload: 'sleep 5 & kill -USR1 $!; wait || true',
    expect: /@signals\[10, SIGUSR1, bash, (sleep|bash)\]: 1/,
  },
  {
    tool: 'setuids',
    workload: 'perl -e "\\$> = 65534; \\$> = 0; use POSIX; POSIX::setuid(65534)"',
    expect: /set(res|re)?uid\(/,
  },
  { tool: 'capable', workload: 'chown 1 $T; chown 0 $T', expect: /@checks\[chown, chown, 0\]: \d+/ },
  { tool: 'proclife', workload: 'sleep 0.07; true', expect: /^\[64, 128\) +\d+ \|@/m },
  // files
  {
    tool: 'opensnoop',
    workload: 'cat $T/missing 2>/dev/null || true; cat /etc/hostname >/dev/null',
    expect: /cat +-1 +2 .*\/missing/,
  },
  { tool: 'statsnoop', workload: 'stat /etc/hostname >/dev/null', expect: /stat +\/etc\/hostname/ },
  { tool: 'syncsnoop', workload: 'sync $T', expect: /sync +tracepoint:syscalls:sys_enter_fsync/ },
  { tool: 'synclat', workload: 'sync $T', expect: /@us\[sync\]:/ },
  { tool: 'slowio', workload: "sh -c 'sleep 0.1; echo' | cat >/dev/null", expect: /cat +read +0 +1 +\d{2,}/ },
  {
    tool: 'fileslow',
    // Who opens a file that another holds a lease on waits for that one to end. A pipe that waits is none of its business.
    workload: `echo x >$T/leased; sh -c 'sleep 0.1; echo' | cat >/dev/null; perl -e '$f = shift; $SIG{IO} = "IGNORE";
      open F, "<", $f; fcntl F, 1024, 1 or die; if (!fork) { exec "cat", $f } select undef, undef, undef, 0.2' $T/leased`,
    expect: /^(?![\s\S]*cat +read +1 )[\s\S]*cat +open +\d+ +\d{2,} .*leased$/m,
  },
  {
    tool: 'filetop',
    workload: 'dd if=/dev/zero of=$T/busy bs=12345 count=1 status=none',
    expect: /@bytes\[write, dd, busy\]: 12345/,
  },
  {
    tool: 'ext4lat',
    workload: mountLoop('ext4', '32M', 'echo x >$T/mount/file; sync $T/mount/file'),
    expect: /@us\[ext4_sync_file\]:/,
    isForVm: true,
  },
  {
    tool: 'xfslat',
    workload: mountLoop('xfs', '320M', 'echo x >$T/mount/file; sync $T/mount/file'),
    expect: /@us\[xfs_file_fsync\]:/,
    isForVm: true,
  },
  {
    tool: 'btrfslat',
    workload: mountLoop('btrfs', '128M', 'echo x >$T/mount/file; sync $T/mount/file'),
    expect: /@us\[btrfs_sync_file\]:/,
    isForVm: true,
  },
  {
    tool: 'filerw',
    workload: 'dd if=/dev/zero of=/dev/null bs=12345 count=1 status=none',
    expect: /@bytes\[write, dd, \d+\]: 12345/,
  },
  {
    tool: 'readsize',
    workload: 'dd if=/dev/zero of=/dev/null bs=3000 count=4 status=none',
    expect: /@bytes\[dd\]:\n(.*\n)*\[2K, 4K\) +\d/,
  },
  {
    tool: 'readbytes',
    workload: 'dd if=/dev/zero of=/dev/null bs=1M count=4 status=none',
    expect: /@bytes\[dd\]: 419\d{4}/,
  },
  {
    tool: 'vfscount',
    workload: 'cat /etc/hostname >/dev/null',
    expect: /@calls\[kprobe:vfs_read\]: \d+/,
    isForVm: true,
  },
  { tool: 'vfslat', workload: 'sleep 0.4 | cat', expect: /^\[(256|512)M, \S+\) +\d+ \|/m, isForVm: true },
  { tool: 'vfsopen', workload: 'cat /etc/hostname >/dev/null', expect: /cat +hostname/, isForVm: true },
  {
    tool: 'pagecache',
    workload: 'dd if=/dev/zero of=$T/pages bs=1M count=4 status=none',
    expect: /@pages\[added, dd\]: \d+/,
  },
  { tool: 'cachehits', workload: 'cat /bin/bash >/dev/null', expect: /@pages\[accessed\]: \d+/, isForVm: true },
  {
    tool: 'dentries',
    workload: 'ls /etc/no/such 2>/dev/null || true',
    expect: /@lookups\[ls, fast\]: \d+/,
    isForVm: true,
  },
  {
    tool: 'writeback',
    workload: 'dd if=/dev/zero of=$T/dirty bs=1M count=4 status=none; sync',
    expect: /@pages\[(sync|background|periodic)\]: -?\d+/,
  },
  {
    tool: 'dirtiers',
    workload: 'dd if=/dev/zero of=$T/dirty bs=1M count=4 status=none',
    expect: /@pages\[dd, \d+\]: \d+/,
  },
  {
    tool: 'mountsnoop',
    workload: 'mkdir -p $T/mount; mount -t tmpfs known $T/mount && umount $T/mount',
    expect: /mount known on .*\/mount type tmpfs/,
  },
  { tool: 'unlinks', workload: 'touch $T/gone && mv $T/gone $T/moved && rm $T/moved', expect: /rm +delete .*\/moved/ },
  {
    tool: 'ext4sync',
    workload: mountLoop('ext4', '32M', 'echo x >$T/mount/file; sync $T/mount/file'),
    expect: /^\[.*\|@/m,
  },
  {
    tool: 'xfsio',
    workload: mountLoop('xfs', '320M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=4 status=none'),
    expect: /@bytes\[write\]:\n(.*\n)*\[4K, 8K\) +4/,
  },
  {
    tool: 'btrfssync',
    workload: mountLoop('btrfs', '128M', 'echo x >$T/mount/file; sync $T/mount/file'),
    expect: /@syncs\[sync, \d+\]: 1/,
  },
  { tool: 'nfslat', workload: NFS, expect: /^@us\[nfs_file_read\]: ?\n[[(]/m, isForVm: true },
  {
    tool: 'fdleak',
    workload: 'tail -f /etc/hostname >/dev/null & sleep 0.3; kill -9 $!; true',
    expect: /@open\[tail, \d+, \d+\]:/,
  },
  // block
  { tool: 'biosnoop', workload: DIRECT_WRITE, expect: /dd +W\S* +\d+:\d+ +\d+ +8 +\d+/ },
  {
    tool: 'biolatency',
    args: ['--disk'],
    workload: mountLoop('ext4', '32M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=16 oflag=direct status=none'),
    expect: /@disk_us\[7, \d+\]: ?\n/,
  },
  { tool: 'biotop', workload: DIRECT_WRITE, expect: /@bytes\[dd, \d+\]: \d{5,}/ },
  { tool: 'bitesize', workload: DIRECT_WRITE, expect: /@bytes\[dd\]:\n(.*\n)*\[4K, 8K\) +\d\d/ },
  { tool: 'bioprint', workload: DIRECT_WRITE, expect: /^\d+ +dd +4096$/m },
  {
    tool: 'bioseek',
    workload: mountLoop('ext4', '32M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=16 oflag=direct status=none'),
    expect: /@sectors\[\d+, .*\]:/,
  },
  { tool: 'bioerrors', workload: BROKEN_DISK, expect: /@errors\[7, \d+, -5\]: \d+/ },
  {
    tool: 'bioqueue',
    workload: mountLoop('ext4', '32M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=16 oflag=direct status=none'),
    expect: /^\[.*\|@/m,
  },
  { tool: 'biostacks', workload: DIRECT_WRITE, expect: /submit_bio[\s\S]*, dd\]: \d+/ },
  { tool: 'biodevs', workload: DIRECT_WRITE, expect: /@bytes\[\d+, \d+, W.*\]: \d+/ },
  // memory
  { tool: 'faults', workload: 'perl -e \'my $x = "x" x 8000000\'', expect: /@faults\[perl\]: \d{3,}/ },
  {
    tool: 'majorfaults',
    workload: COLD_START,
    expect: /@faults\[.*\]: \d+/,
  },
  { tool: 'faultstacks', workload: 'perl -e \'my $x = "x" x 8000000\'', expect: /, perl\]: \d+/ },
  {
    tool: 'oomkill',
    workload: inMemoryGroup('perl -e \'my @x; push @x, "x" x 1e6 while 1\''),
    expect: /^perl \(pid \d+\) ran out of memory; killed: (perl \()?pid \d+/m,
  },
  {
    tool: 'reclaim',
    workload: inMemoryGroup('dd if=/dev/zero of=$T/large bs=1M count=40 status=none'),
    expect: /@us\[dd\]:/,
  },
  { tool: 'kswapd', workload: LOW_MEMORY, expect: /^(@ms: ?\n)?\[\d+.*\) +\d+ \|@/m, isForVm: true },
  { tool: 'compaction', workload: 'echo 1 >/proc/sys/vm/compact_memory', expect: /@us\[bash\]:/ },
  { tool: 'brkstacks', workload: '/bin/ls >/dev/null', expect: /, ls\]: \d+/ },
  { tool: 'mmaps', workload: '/bin/ls >/dev/null', expect: /@bytes\[mmap, ls, \d+\]: \d+/ },
  { tool: 'kmemleak', workload: 'ls -R /etc >/dev/null', expect: /@bytes\[\n[\s\S]*\]: -?\d+/ },
  { tool: 'kmallocs', workload: 'ls /etc >/dev/null', expect: /@bytes\[ls\]:/ },
  { tool: 'pageallocs', workload: 'ls /etc >/dev/null', expect: /@allocations\[ls, 0\]: \d+/ },
  { tool: 'swapins', workload: SWAP, expect: /@pages\[perl, \d+\]: \d+/, isForVm: true },
  { tool: 'hugepages', workload: COLLAPSE, expect: /@collapses\[\d+, \d+\]: \d+/ },
  // network
  { tool: 'tcpconnect', workload: CONNECT, expect: /known +\S+ +127\.0\.0\.1 +\d+/ },
  { tool: 'tcpaccept', workload: CONNECT, expect: /127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+/ },
  { tool: 'accepts', workload: CONNECT, expect: /@connections\[known, \d+\]: 1/ },
  { tool: 'tcplife', workload: CONNECT, expect: /known +127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+ +0 +0 +\d+\n/ },
  { tool: 'tcpstates', workload: CONNECT, expect: /@changes\[SYN_RECV, ESTABLISHED\]: \d+/ },
  { tool: 'tcpretrans', workload: OVERFLOW, expect: /127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+ +SYN_SENT/ },
  { tool: 'tcpdrops', workload: REFUSED, expect: /@drops\[SKB_DROP_REASON_NO_SOCKET,/ },
  { tool: 'tcprtt', workload: CONNECT, expect: /@us\[\d+\]:/ },
  { tool: 'tcpresets', workload: REFUSED, expect: /@(sent|received)\[.*\]: \d+/ },
  { tool: 'synbacklog', workload: CONNECT, expect: /@backlog\[7\]:/, isForVm: true },
  { tool: 'sockbytes', workload: CONNECT, expect: /@bytes\[sent, known, 2, 6\]: 5/ },
  {
    tool: 'sendsizes',
    workload: 'perl -e \'use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0); send($a, "x" x 3000, 0)\'',
    expect: /@bytes\[perl\]:\n(.*\n)*\[2K, 4K\) +1/,
  },
  { tool: 'netdev', workload: CONNECT, expect: /@bytes\[in, lo\]: \d+/ },
  {
    tool: 'udpsends',
    workload: 'bash -c "echo 1234567 >/dev/udp/127.0.0.1/9"',
    expect: /@bytes\[bash\]:\n(.*\n)*\[8, 16\) +1/,
  },
  { tool: 'dnslat', workload: 'getent ahosts localhost >/dev/null', expect: /getent +\d+ localhost/ },
  // syscalls
  { tool: 'syscalls', workload: 'cat /etc/hostname >/dev/null', expect: /@calls\[cat, \d+\]: \d+/ },
  {
    tool: 'syscount',
    workload: 'cat /etc/hostname >/dev/null',
    expect: /@calls\[tracepoint:syscalls:sys_enter_openat\]: \d+/,
  },
  { tool: 'sysprocs', workload: 'cat /etc/hostname >/dev/null', expect: /@calls\[\d+, cat\]: \d+/ },
  { tool: 'syslat', workload: 'cat /etc/hostname >/dev/null', expect: /@ns\[tracepoint:syscalls:sys_exit_openat\]:/ },
  {
    tool: 'systime',
    workload: 'sleep 0.1',
    expect: /@ns\[sleep, tracepoint:syscalls:sys_exit_clock_nanosleep\]: [1-9]\d{8}/,
  },
  {
    tool: 'syserrors',
    workload: 'cat $T/missing 2>/dev/null || true',
    expect: /@errors\[cat, tracepoint:syscalls:sys_exit_openat, -2, ENOENT\]: \d+/,
  },
  // locks
  {
    tool: 'futexwait',
    workload: `node -e "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)"`,
    expect: /, node\]: \d+/,
  },
  { tool: 'contention', workload: CROWD, expect: /@ns\[semaphore, ?\n( .*\n)+, perl\]: \d+/ },
  // user
  {
    tool: 'bashreadline',
    workload: "printf 'true known line\\nexit\\n' | script -qec 'bash --norc -i' /dev/null >/dev/null",
    expect: /true known line/,
  },
  { tool: 'mallocs', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /@bytes\[ls\]:/ },
  { tool: 'mallocstacks', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /, ls\]: \d+/ },
  { tool: 'mallocleak', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /@bytes\[/ },
  { tool: 'tlsbytes', workload: TLS, expect: /@bytes\[received, python3\]:\n\[8, 16\) +1 / },
  { tool: 'tlslat', workload: TLS, expect: /^(?=[\s\S]*@us\[read, python3\]:)[\s\S]*@us\[handshake, python3\]:/ },
  {
    tool: 'nodegc',
    standIn: 'node',
    workload: 'node collect 1 20',
    expect: /^@ms\[\d+\]: ?\n\[\d+, \d+\) +1 \|@+\|$/m,
  },
  {
    tool: 'pycalls',
    standIn: 'python3',
    workload: 'python3 call known.py twice 7',
    expect: /^@calls\[known\.py, twice\]: 7$/m,
  },
  { tool: 'jvmgc', workload: JAVA, expect: /^@ms\[\d+\]: ?\n[[(].*\|@/m },
  { tool: 'pgqueries', workload: POSTGRES, expect: / \d+ select 4242 as known/ },
  {
    tool: 'mysqlqueries',
    standIn: 'mysqld',
    workload: "mysqld query 'select 4242 as known'",
    expect: / \d+ select 4242 as known$/m,
  },
  {
    tool: 'mysqlqueries',
    standIn: 'mariadbd',
    workload: "mariadbd command 'select 4243 as known'",
    expect: / \d+ select 4243 as known$/m,
  },
  // containers
  {
    tool: 'cgroupcpu',
    workload: inGroup("timeout 0.6 sh -c 'while :; do :; done'"),
    expect: /^cgroup (\d+) is \S*bptop-test[\s\S]*@samples\[\1, sh\]: \d+/m,
  },
  {
    tool: 'cgroupsyscalls',
    workload: inGroup('cat /etc/hostname'),
    expect: /^cgroup (\d+) is \S*bptop-test[\s\S]*@calls\[\1\]: \d+/m,
  },
  {
    tool: 'cgroupio',
    workload: inGroup('dd if=/dev/zero of=/dev/null bs=12345 count=1 status=none'),
    expect: /^cgroup (\d+) is \S*bptop-test[\s\S]*@bytes\[\1, write\]: 123[45]\d/m,
  },
  // kernel
  { tool: 'timers', workload: 'sleep 0.05', expect: /@fired\[hrtimer_wakeup\]: \d+/ },
  {
    tool: 'workqueues',
    workload: mountLoop('ext4', '32M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=16 oflag=direct status=none'),
    expect: /@ns\[loop_(rootcg_)?workfn\]: \d+/,
  },
  {
    tool: 'kvmexits',
    workload: '$GUEST 5',
    // The processor that is emulated is one of AMD's: 123 is I/O, 120 the halt.
    expect: /^(?=[\s\S]*@exits\[guest-\w+, 120\]: 1$)[\s\S]*@exits\[guest-\w+, 123\]: 5$/m,
    isForVm: true,
  },
  {
    tool: 'ipis',
    workload: 'for i in 1 2 3 4; do taskset -c 0 true & taskset -c 1 true & done; wait',
    expect: /@sent\[\w+\]: \d+/,
  },
  {
    tool: 'suspends',
    workload: SUSPEND,
    expect: /suspend_enter +\d+ begins[\s\S]*thaw_processes +0 ends/,
    isForVm: true,
  },
];
