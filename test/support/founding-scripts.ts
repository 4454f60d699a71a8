/** The scripts of 2018 that founded the language's fame; they must always parse, check and print. */

/** Time within vfs_read of one process. */
export const READ_LATENCY = `kprobe:vfs_read /pid == 30153/ { @start[tid] = nsecs; }
kretprobe:vfs_read /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }`;

/** Names of opened files, with a cast that leaves out `struct`. */
export const OPEN_PATH = `#include <linux/path.h>
#include <linux/dcache.h>

kprobe:vfs_open
{
    printf("open path: %s\\n", str(((path *)arg0)->dentry->d_name.name));
}
`;

/** Where descriptors come from that are never closed. */
export const DESCRIPTOR_LEAK = `kretprobe:__alloc_fd
{
    $fd = retval;
    @alloc_stack[comm, pid, $fd] = ustack;
}

kprobe:__close_fd
{
    $fd = arg1;
    delete(@alloc_stack[comm, pid, $fd]);
}
`;

/** How far the disk must seek: two probes on one event, a ternary, comments everywhere. */
export const SEEK_SIZE = `/*
 * Print header
 */
BEGIN
{
    printf("Tracing... Hit Ctrl-C to end.\\n");
}

/*
 * Process io start
 */
tracepoint:block:block_rq_insert
/@last[args->dev]/
{
    // calculate seek distance
    $last = @last[args->dev];
    $dist = (args->sector - $last) > 0 ?
        args->sector - $last : $last - args->sector;

    // store details
    @size[pid, comm] = hist($dist);
}

tracepoint:block:block_rq_insert
{
    // save last position of disk head
    @last[args->dev] = args->sector + args->nr_sector;
}

/*
 * Print final report
 */
END
{
    printf("\\n@[PID, COMM]:\\n");
    print(@size);
    clear(@size);
    clear(@last);
}
`;
