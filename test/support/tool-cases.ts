/**
 * What each bundled tool must find: a workload in the shell that does something known, and how it shows in the tool's
 * output. `$T` is a scratch folder. A row without `expect` says why nothing can be made to happen on a machine like this;
 * such a tool is still compiled, loaded and attached.
 */

export interface ToolCase {
  readonly tool: string;
  readonly workload: string;
  readonly expect?: RegExp;
  readonly why?: string;
  /** The workload starts first and waits; its pid is the tool's first parameter, since uprobes on malloc slow everybody. */
  readonly isForOneProcess?: boolean;
  /** Needs a kernel with kprobes: runs in the virtual machine. */
  readonly isForVm?: boolean;
}

const BUSY = "timeout 0.6 sh -c 'while :; do :; done' || true";
const DIRECT_WRITE = 'dd if=/dev/zero of=$T/block bs=4096 count=16 oflag=direct conv=fsync status=none';
const CONNECT = `node -e "
  const net = require('net');
  const server = net.createServer((socket) => { socket.on('error', () => {}); socket.end('hello'); }).listen(0, '127.0.0.1', () => {
    const client = net.connect(server.address().port, '127.0.0.1');
    client.on('data', () => {});
    client.on('close', () => server.close());
  });"`;
const REFUSED = `node -e "require('net').connect(9, '127.0.0.1').on('error', () => {})"`;

/** mountLoop runs commands on a fresh file system of that kind in $T/mount. */
function mountLoop(kind: string, size: string, commands: string): string {
  return [
    `rm -f $T/image; truncate -s ${size} $T/image && mkfs.${kind} -q $T/image && mkdir -p $T/mount`,
    `mount -o loop $T/image $T/mount && { ${commands}; umount $T/mount; }`,
  ].join(' && ');
}

export const TOOL_CASES: readonly ToolCase[] = [
  // cpu
  { tool: 'runqlat', workload: BUSY, expect: /^\[.*\|@/m },
  { tool: 'runqlen', workload: `for i in 1 2 3; do taskset -c 1 ${BUSY} & done; wait`, expect: /^\[[12]\] .*@/m },
  { tool: 'profile', workload: BUSY, expect: /, sh\]: \d+/ },
  { tool: 'offcputime', workload: 'sleep 0.2', expect: /, sleep\]: 2\d{5}/ },
  {
    tool: 'wakeups',
    workload: 'yes | head -c 1000000 | cat >/dev/null',
    expect: /@wakeups\[.*(yes|head|cat).*\]: \d+/,
  },
  {
    tool: 'migrations',
    workload:
      'taskset -c 0 sh -c "for i in 1 2 3; do taskset -cp 1 \\$\\$; sleep 0.01; taskset -cp 0 \\$\\$; sleep 0.01; done" >/dev/null',
    expect: /@moves\[\d+, 0, 1\]: \d+/,
  },
  { tool: 'switches', workload: 'for i in 1 2 3; do sleep 0.01; done', expect: /@switches\[sleep, voluntary\]: \d+/ },
  { tool: 'cpudist', workload: BUSY, expect: /^\[.*\|@/m },
  { tool: 'softirqs', workload: `${DIRECT_WRITE}; ${BUSY}`, expect: /@ns\[(timer|sched|rcu|block)\]: \d+/ },
  { tool: 'hardirqs', workload: DIRECT_WRITE, expect: /@ns\[.+\]: \d+/ },
  { tool: 'cpufreq', workload: 'true', why: 'a virtual machine has no frequencies to change' },
  { tool: 'cpuidle', workload: 'true', why: 'a virtual machine without idle states to choose from' },
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
    expect: /@signals\[10, bash, (sleep|bash)\]: 1/,
  },
  {
    tool: 'setuids',
    workload: 'perl -e "\\$> = 65534; \\$> = 0; use POSIX; POSIX::setuid(65534)"',
    expect: /set(res|re)?uid\(/,
  },
  { tool: 'capable', workload: 'chown 1 $T; chown 0 $T', expect: /@checks\[\d+, chown/ },
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
  { tool: 'vfslat', workload: 'cat /etc/hostname >/dev/null', expect: /^\[.*\|@/m, isForVm: true },
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
  { tool: 'nfslat', workload: 'true', why: 'no NFS server to mount from', isForVm: true },
  {
    tool: 'fdleak',
    workload: 'tail -f /etc/hostname >/dev/null & sleep 0.3; kill -9 $!; true',
    expect: /@open\[tail, \d+, \d+\]:/,
  },
  // block
  { tool: 'biosnoop', workload: DIRECT_WRITE, expect: /dd +W\S* +\d+:\d+ +\d+ +8 +\d+/ },
  { tool: 'biolatency', workload: DIRECT_WRITE, expect: /^\[.*\|@/m },
  { tool: 'biotop', workload: DIRECT_WRITE, expect: /dd/ },
  { tool: 'bitesize', workload: DIRECT_WRITE, expect: /@bytes\[dd\]:\n(.*\n)*\[4K, 8K\) +\d\d/ },
  { tool: 'bioprint', workload: DIRECT_WRITE, expect: /^\d+ dd 4096$/m },
  {
    tool: 'bioseek',
    workload: mountLoop('ext4', '32M', 'dd if=/dev/zero of=$T/mount/file bs=4096 count=16 oflag=direct status=none'),
    expect: /@sectors\[\d+, .*\]:/,
  },
  { tool: 'bioerrors', workload: 'true', why: 'no device here fails on demand' },
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
    workload: 'cp /bin/ls $T/cold; sync $T/cold; dd if=$T/cold iflag=nocache count=0 status=none; $T/cold / >/dev/null',
    expect: /@faults\[.*\]: \d+/,
  },
  { tool: 'faultstacks', workload: 'perl -e \'my $x = "x" x 8000000\'', expect: /, perl\]: \d+/ },
  { tool: 'oomkill', workload: 'true', why: 'a test does not run a machine out of memory' },
  { tool: 'reclaim', workload: 'true', why: 'a test does not run a machine out of memory' },
  { tool: 'kswapd', workload: 'true', why: 'a test does not run a machine out of memory' },
  { tool: 'compaction', workload: 'echo 1 >/proc/sys/vm/compact_memory', expect: /@us\[bash\]:/ },
  { tool: 'brkstacks', workload: '/bin/ls >/dev/null', expect: /, ls\]: \d+/ },
  { tool: 'mmaps', workload: '/bin/ls >/dev/null', expect: /@bytes\[mmap, ls, \d+\]: \d+/ },
  { tool: 'kmemleak', workload: 'ls -R /etc >/dev/null', expect: /@bytes\[\n[\s\S]*\]: -?\d+/ },
  { tool: 'kmallocs', workload: 'ls /etc >/dev/null', expect: /@bytes\[ls\]:/ },
  { tool: 'pageallocs', workload: 'ls /etc >/dev/null', expect: /@allocations\[ls, 0\]: \d+/ },
  { tool: 'swapins', workload: 'true', why: 'needs swap and a full memory', isForVm: true },
  { tool: 'hugepages', workload: 'true', why: 'collapses happen when the kernel finds the time' },
  // network
  { tool: 'tcpconnect', workload: CONNECT, expect: /node +\S+ +127\.0\.0\.1 +\d+/ },
  { tool: 'tcpaccept', workload: CONNECT, expect: /127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+/ },
  { tool: 'accepts', workload: CONNECT, expect: /@connections\[node, \d+\]: 1/ },
  { tool: 'tcplife', workload: CONNECT, expect: /@ms\[\d+, \d+\]:/ },
  { tool: 'tcpstates', workload: CONNECT, expect: /@changes\[3, 1\]: 1/ },
  { tool: 'tcpretrans', workload: 'true', why: 'loopback loses nothing' },
  { tool: 'tcpdrops', workload: REFUSED, expect: /@drops\[SKB_DROP_REASON_\w+,/ },
  { tool: 'tcprtt', workload: CONNECT, expect: /@us\[\d+\]:/ },
  { tool: 'tcpresets', workload: REFUSED, expect: /@(sent|received)\[.*\]: \d+/ },
  { tool: 'synbacklog', workload: CONNECT, expect: /@backlog\[511\]:/, isForVm: true },
  { tool: 'sockbytes', workload: CONNECT, expect: /@bytes\[sent, node, 2, 6\]: \d+/ },
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
  { tool: 'syscalls', workload: 'cat /etc/hostname >/dev/null', expect: /cat/ },
  {
    tool: 'syscount',
    workload: 'cat /etc/hostname >/dev/null',
    expect: /@calls\[tracepoint:syscalls:sys_enter_openat\]: \d+/,
  },
  { tool: 'sysprocs', workload: 'cat /etc/hostname >/dev/null', expect: /@calls\[\d+, cat\]: \d+/ },
  { tool: 'syslat', workload: 'cat /etc/hostname >/dev/null', expect: /@ns\[257\]:/ },
  { tool: 'systime', workload: 'sleep 0.1', expect: /@ns\[sleep, \d+\]: 1\d{8}/ },
  { tool: 'syserrors', workload: 'cat $T/missing 2>/dev/null || true', expect: /@errors\[cat, 257, -2\]: \d+/ },
  // locks
  {
    tool: 'futexwait',
    workload: `node -e "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)"`,
    expect: /, node\]: \d+/,
  },
  {
    tool: 'contention',
    workload: 'for i in 1 2 3 4; do find /proc -maxdepth 2 >/dev/null 2>&1 & done; wait',
    expect: /@ns\[\n|^$/,
  },
  // user
  {
    tool: 'bashreadline',
    workload: "printf 'true known line\\nexit\\n' | script -qec 'bash --norc -i' /dev/null >/dev/null",
    expect: /true known line/,
  },
  { tool: 'mallocs', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /@bytes\[ls\]:/ },
  { tool: 'mallocstacks', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /, ls\]: \d+/ },
  { tool: 'mallocleak', workload: 'exec /bin/ls /etc >/dev/null', isForOneProcess: true, expect: /@bytes\[/ },
  { tool: 'tlsbytes', workload: 'true', why: 'needs a TLS connection through the system library' },
  { tool: 'tlslat', workload: 'true', why: 'needs a TLS connection through the system library' },
  { tool: 'nodegc', workload: 'true', why: 'this Node.js has no markers' },
  { tool: 'pycalls', workload: 'true', why: 'this Python has no markers' },
  { tool: 'jvmgc', workload: 'true', why: 'needs a Java virtual machine with markers' },
  { tool: 'pgqueries', workload: 'true', why: 'needs a PostgreSQL server' },
  { tool: 'mysqlqueries', workload: 'true', why: 'needs a MySQL server' },
  // containers
  { tool: 'cgroupcpu', workload: BUSY, expect: /@samples\[\d+, sh\]: \d+/ },
  { tool: 'cgroupsyscalls', workload: 'true', expect: /@calls\[\d+\]: \d+/ },
  { tool: 'cgroupio', workload: 'cat /etc/hostname >/dev/null', expect: /@bytes\[\d+, read\]: \d+/ },
  // kernel
  { tool: 'timers', workload: 'sleep 0.05', expect: /@fired\[hrtimer_wakeup\]: \d+/ },
  { tool: 'workqueues', workload: 'sync; sleep 0.2', expect: /@ns\[\w+\]: \d+/ },
  { tool: 'kvmexits', workload: 'true', why: 'no guest to watch' },
  {
    tool: 'ipis',
    workload: 'for i in 1 2 3 4; do taskset -c 0 true & taskset -c 1 true & done; wait',
    expect: /@sent\[\w+\]: \d+/,
  },
  { tool: 'suspends', workload: 'true', why: 'a test does not suspend the machine' },
];
