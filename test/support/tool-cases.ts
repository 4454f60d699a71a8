/**
 * What each bundled tool must find: a workload in the shell that does something known, and how it shows in the tool's
 * output. `$T` is a scratch folder. A row without `expect` says why nothing can be made to happen on a machine like this;
 * such a tool is still compiled, loaded and attached.
 */

import { existsSync } from 'node:fs';

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
/** A full accept queue drops the third connection's SYN, which is sent again after a second. */
const OVERFLOW = `perl -MSocket -e '
  sub again { open my $f, "<", "/proc/net/snmp"; (map { (split)[12] } grep /^Tcp: \\d/, <$f>)[0] }
  socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 0);
  my $before = again(); my @clients;
  for (1..3) { socket(my $c, PF_INET, SOCK_STREAM | 2048, 0); connect($c, getsockname($server)); push @clients, $c }
  for (1..50) { select undef, undef, undef, 0.1; last if again() > $before }'`;
const REFUSED = `node -e "require('net').connect(9, '127.0.0.1').on('error', () => {})"`;

/** inMemoryGroup runs a program in a group of processes that may use 16 MiB together. */
function inMemoryGroup(program: string): string {
  const group = '/sys/fs/cgroup/memory/bptop-test-$$';
  return `G=${group}; mkdir $G && { echo 16M >$G/memory.limit_in_bytes; (echo $BASHPID >$G/cgroup.procs; exec ${program}); rmdir $G; }`;
}

const HAS_MEMORY_GROUPS = existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');

/** One line of text through TLS within one process: no network, no certificates. */
const TLS = `python3 -c '
import ssl
def end(side, peer, mine, is_server):
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context.wrap_bio(peer, mine, server_side=is_server)
there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
client = end(ssl.PROTOCOL_TLS_CLIENT, back, there, False)
server = end(ssl.PROTOCOL_TLS_SERVER, there, back, True)
for side in [client, server] * 3:
    try: side.do_handshake()
    except ssl.SSLWantReadError: pass
client.write(b"known line\\n")
server.read()'`;

/** A database of its own, asked in single-user mode, which needs no server; PostgreSQL refuses to run as root. */
const POSTGRES = [
  'bin=$(ls -d /usr/lib/postgresql/1?/bin | tail -1); mkdir $T/pg; chmod 711 $T; chown 65534 $T/pg',
  'as="setpriv --reuid=65534 --clear-groups"',
  '$as $bin/initdb -D $T/pg/data -A trust --no-sync -N --no-instructions >/dev/null 2>&1',
  'echo "select 4242 as known" | $as $bin/postgres --single -D $T/pg/data postgres >/dev/null 2>&1',
].join('\n');

/** A loop device whose file is gone beneath it answers reads with an error. */
const BROKEN_DISK = [
  'truncate -s 1M $T/disk; disk=$(losetup -f --show $T/disk); truncate -s 0 $T/disk',
  'dd if=$disk of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null; losetup -d $disk',
].join('\n');

/** Two megabytes in small pages, then madvise(MADV_COLLAPSE), which Linux 6.1 and later know. */
const COLLAPSE = `perl -e '
  my $start = (syscall(9, 0, 4 << 20, 3, 0x22, -1, 0) + (2 << 20) - 1) & ~((2 << 20) - 1);
  open(my $memory, "+<", "/proc/self/mem"); sysseek($memory, $start, 0); syswrite($memory, "x" x (2 << 20));
  syscall(28, $start, 2 << 20, 25);'`;

/** Four processes that change one directory hold each other up. */
const CROWD =
  'mkdir $T/crowd; for i in 1 2 3 4; do perl -e \'for (1..500) { mkdir "$ENV{T}/crowd/$$"; rmdir "$ENV{T}/crowd/$$" }\' & done; wait';

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
    tool: 'fileslow',
    workload: "mkfifo $T/slow; sh -c 'sleep 0.1; echo x' >$T/slow & cat $T/slow >/dev/null; wait",
    expect: /cat +read +2 +\d{2,} slow/,
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
    workload: 'cp /bin/ls $T/cold; sync $T/cold; dd if=$T/cold iflag=nocache count=0 status=none; $T/cold / >/dev/null',
    expect: /@faults\[.*\]: \d+/,
  },
  { tool: 'faultstacks', workload: 'perl -e \'my $x = "x" x 8000000\'', expect: /, perl\]: \d+/ },
  {
    tool: 'oomkill',
    workload: inMemoryGroup('perl -e \'my @x; push @x, "x" x 1e6 while 1\''),
    ...(HAS_MEMORY_GROUPS
      ? { expect: /^perl \(pid \d+\) ran out of memory; killed: pid \d+$/m }
      : { why: 'needs the memory controller of cgroup v1' }),
  },
  {
    tool: 'reclaim',
    workload: inMemoryGroup('dd if=/dev/zero of=$T/large bs=1M count=40 status=none'),
    ...(HAS_MEMORY_GROUPS ? { expect: /@us\[dd\]:/ } : { why: 'needs the memory controller of cgroup v1' }),
  },
  { tool: 'kswapd', workload: 'true', why: 'a test does not run a machine out of memory' },
  { tool: 'compaction', workload: 'echo 1 >/proc/sys/vm/compact_memory', expect: /@us\[bash\]:/ },
  { tool: 'brkstacks', workload: '/bin/ls >/dev/null', expect: /, ls\]: \d+/ },
  { tool: 'mmaps', workload: '/bin/ls >/dev/null', expect: /@bytes\[mmap, ls, \d+\]: \d+/ },
  { tool: 'kmemleak', workload: 'ls -R /etc >/dev/null', expect: /@bytes\[\n[\s\S]*\]: -?\d+/ },
  { tool: 'kmallocs', workload: 'ls /etc >/dev/null', expect: /@bytes\[ls\]:/ },
  { tool: 'pageallocs', workload: 'ls /etc >/dev/null', expect: /@allocations\[ls, 0\]: \d+/ },
  { tool: 'swapins', workload: 'true', why: 'needs swap and a full memory', isForVm: true },
  { tool: 'hugepages', workload: COLLAPSE, expect: /@collapses\[\d+, \d+\]: \d+/ },
  // network
  { tool: 'tcpconnect', workload: CONNECT, expect: /node +\S+ +127\.0\.0\.1 +\d+/ },
  { tool: 'tcpaccept', workload: CONNECT, expect: /127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+/ },
  { tool: 'accepts', workload: CONNECT, expect: /@connections\[node, \d+\]: 1/ },
  { tool: 'tcplife', workload: CONNECT, expect: /@ms\[\d+, \d+\]:/ },
  { tool: 'tcpstates', workload: CONNECT, expect: /@changes\[3, 1\]: 1/ },
  { tool: 'tcpretrans', workload: OVERFLOW, expect: /127\.0\.0\.1 +\d+ +127\.0\.0\.1 +\d+ +\d+/ },
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
  { tool: 'syslat', workload: 'cat /etc/hostname >/dev/null', expect: /@ns\[tracepoint:syscalls:sys_exit_openat\]:/ },
  {
    tool: 'systime',
    workload: 'sleep 0.1',
    expect: /@ns\[sleep, tracepoint:syscalls:sys_exit_clock_nanosleep\]: [1-9]\d{8}/,
  },
  {
    tool: 'syserrors',
    workload: 'cat $T/missing 2>/dev/null || true',
    expect: /@errors\[cat, tracepoint:syscalls:sys_exit_openat, -2\]: \d+/,
  },
  // locks
  {
    tool: 'futexwait',
    workload: `node -e "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)"`,
    expect: /, node\]: \d+/,
  },
  {
    tool: 'contention',
    workload: CROWD,
    expect: /perl|@ns\[\n( .*\n)*.*lock/,
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
  { tool: 'tlsbytes', workload: TLS, expect: /@bytes\[received, python3\]:\n\[8, 16\) +1 / },
  { tool: 'tlslat', workload: TLS, expect: /@us\[handshake, python3\]:/ },
  { tool: 'nodegc', workload: 'true', why: 'this Node.js has no markers' },
  { tool: 'pycalls', workload: 'true', why: 'this Python has no markers' },
  { tool: 'jvmgc', workload: 'true', why: 'needs a Java virtual machine with markers' },
  { tool: 'pgqueries', workload: POSTGRES, expect: /us select 4242 as known/ },
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
