/**
 * Things for a tool to see, in the shell: each does something known. `$T` is a scratch folder.
 */

export const BUSY = "timeout 0.6 sh -c 'while :; do :; done' || true";
export const DIRECT_WRITE = 'dd if=/dev/zero of=$T/block bs=4096 count=16 oflag=direct conv=fsync status=none';
/** One connection over loopback and five bytes, of a process named `known`; the server may have seven more waiting. */
export const CONNECT = `perl -MSocket -e '$0 = "known";
  socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 7);
  socket(my $client, PF_INET, SOCK_STREAM, 0); connect($client, getsockname($server)); accept(my $peer, $server);
  send($peer, "hello", 0); recv($client, my $text, 5, 0); shutdown($peer, 2); close $client'`;
/** A full accept queue drops the third connection's SYN, which is sent again after a second. */
export const OVERFLOW = `perl -MSocket -e '
  sub again { open my $f, "<", "/proc/net/snmp"; (map { (split)[12] } grep /^Tcp: \\d/, <$f>)[0] }
  socket(my $server, PF_INET, SOCK_STREAM, 0); bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 0);
  my $before = again(); my @clients;
  for (1..3) { socket(my $c, PF_INET, SOCK_STREAM | 2048, 0); connect($c, getsockname($server)); push @clients, $c }
  for (1..50) { select undef, undef, undef, 0.1; last if again() > $before }'`;
export const REFUSED = `perl -MSocket -e 'socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in(9, INADDR_LOOPBACK))'`;

/** One line of text through TLS within one process: no network, no certificates. */
export const TLS = `python3 -c '
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
export const POSTGRES = [
  'bin=$(ls -d /usr/lib/postgresql/1?/bin | tail -1); mkdir $T/pg; chmod 711 $T; chown 65534 $T/pg',
  'as="setpriv --reuid=65534 --clear-groups"',
  '$as $bin/initdb -D $T/pg/data -A trust --no-sync -N --no-instructions >/dev/null 2>&1',
  'echo "select 4242 as known" | $as $bin/postgres --single -D $T/pg/data postgres >/dev/null 2>&1',
].join('\n');

/** A loop device whose file is gone beneath it answers reads with an error. */
export const BROKEN_DISK = [
  'truncate -s 1M $T/disk; disk=$(losetup -f --show $T/disk); truncate -s 0 $T/disk',
  'dd if=$disk of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null; losetup -d $disk',
].join('\n');

/** Two megabytes in small pages, then madvise(MADV_COLLAPSE), which Linux 6.1 and later know. */
export const COLLAPSE = `perl -e '
  my $start = (syscall(9, 0, 4 << 20, 3, 0x22, -1, 0) + (2 << 20) - 1) & ~((2 << 20) - 1);
  open(my $memory, "+<", "/proc/self/mem"); sysseek($memory, $start, 0); syswrite($memory, "x" x (2 << 20));
  syscall(28, $start, 2 << 20, 25);'`;

/** Three threads of one priority on one CPU. */
export const CROWDED_CPU = `for i in 1 2 3; do taskset -c 0 ${BUSY} & done; wait`;

/** Four processes that change one directory hold each other up. */
export const CROWD =
  'mkdir $T/crowd; for i in 1 2 3 4; do perl -e \'for (1..500) { mkdir "$ENV{T}/crowd/$$"; rmdir "$ENV{T}/crowd/$$" }\' & done; wait';

/** mountLoop runs commands on a fresh file system of that kind in $T/mount. */
export function mountLoop(kind: string, size: string, commands: string): string {
  return [
    `rm -f $T/image; truncate -s ${size} $T/image && mkfs.${kind} -q $T/image && mkdir -p $T/mount`,
    `mount -o loop $T/image $T/mount && { ${commands}; umount $T/mount; }`,
  ].join(' && ');
}

/** A program whose pages are on the disk alone. */
export const COLD_START =
  'cp /bin/ls $T/cold; sync $T/cold; dd if=$T/cold iflag=nocache count=0 status=none; $T/cold / >/dev/null';

/** inMemoryGroup runs a program in a group of processes that may use 16 MiB together, by version 1 or 2 of control groups. */
export function inMemoryGroup(program: string): string {
  return [
    'if [ -d /sys/fs/cgroup/memory ]; then G=/sys/fs/cgroup/memory/bptop-test-$$; mkdir $G; echo 16M >$G/memory.limit_in_bytes',
    'else echo +memory >/sys/fs/cgroup/cgroup.subtree_control; G=/sys/fs/cgroup/bptop-test-$$; mkdir $G; echo 16M >$G/memory.max; fi',
    `(echo $BASHPID >$G/cgroup.procs; exec ${program}); rmdir $G`,
  ].join('\n');
}

/** inGroup runs a program in a control group (version 2) of its own, whose name begins with bptop-test; it stays for as long as
 * it takes to look the name up. */
export function inGroup(program: string): string {
  return [
    'G=$(awk \'$3 == "cgroup2" { print $2; exit }\' /proc/mounts)/bptop-test-$$; mkdir $G',
    `(echo $BASHPID >$G/cgroup.procs; exec ${program}); sleep 1; rmdir $G`,
  ].join('\n');
}

/** A file read from a server of its own (test/workloads/nfs-server.pl), without the programs that mounting NFS usually takes. */
export const NFS = `mkdir $T/mount; perl $WORKLOADS/nfs-server.pl >$T/port & server=$!
until [ -s $T/port ]; do sleep 0.1; done; port=$(cat $T/port); here=127.0.0.1
there="proto=tcp,port=$port,addr=$here,mountproto=tcp,mountport=$port,mountaddr=$here"
mount -i -t nfs -o "vers=3,mountvers=3,nolock,soft,$there" $here:/ $T/mount && { cat $T/mount/known.txt; umount $T/mount; }
kill $server`;

/** Twice as much memory as the group may use, gone through twice, with a swap device to take the rest. */
export const SWAP = `truncate -s 64M $T/swap; disk=$(losetup -f --show $T/swap); mkswap $disk >/dev/null; swapon $disk
${inMemoryGroup('perl -e \'my $x = "x" x 32e6; for (1..2) { for (my $i = 0; $i < 32e6; $i += 4096) { substr($x, $i, 1) } }\'')}
swapoff $disk; losetup -d $disk`;

/** For a moment, more memory has to be free than there is; the next to allocate wakes the reclaimer. */
export const LOW_MEMORY = `cd /proc/sys/vm; before=$(cat min_free_kbytes)
echo 3000 >watermark_scale_factor; awk '/MemFree/ { print int($2 * 0.85) }' /proc/meminfo >min_free_kbytes
ls -R /etc >/dev/null; sleep 1
echo $before >min_free_kbytes; echo 10 >watermark_scale_factor; sleep 2`;

/** To sleep without stopping anything for long: the clock wakes the machine, should its devices go to sleep at all. */
export const SUSPEND = 'echo +3 >/sys/class/rtc/rtc0/wakealarm; echo freeze >/sys/power/state || true';

/** Every collection is a full one, asked for by the program. */
export const JAVA = `echo 'class Known { public static void main(String[] a) { for (int i = 0; i < 3; i++) System.gc(); } }' >$T/Known.java
java -XX:+UseSerialGC $T/Known.java`;
