/** BPF programs that a process holds, and what the kernel says they have cost: others trace on this machine, too. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** statisticsOf sums up the runs and the time of all programs held by a process. */
export function statisticsOf(pid: number): { readonly runs: number; readonly timeNs: number } {
  const held = heldPrograms(pid);
  const text = execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const programs = JSON.parse(text) as { id: number; run_cnt?: number; run_time_ns?: number }[];
  let runs = 0;
  let timeNs = 0;
  for (const program of programs) {
    if (!held.has(program.id)) continue;
    runs += program.run_cnt ?? 0;
    timeNs += program.run_time_ns ?? 0;
  }
  return { runs, timeNs };
}

/** Descriptors of programs and of links say which program they belong to. */
function heldPrograms(pid: number): ReadonlySet<number> {
  const held = new Set<number>();
  for (const descriptor of readdirSync(`/proc/${pid}/fdinfo`)) {
    try {
      const id = /^prog_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'))?.[1];
      if (id !== undefined) held.add(Number(id));
    } catch {
      // Closed since the folder was read.
    }
  }
  return held;
}
