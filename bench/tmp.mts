import { execFileSync } from 'node:child_process';
import { compileWorkload } from '../test/support/workload.ts';
import { enableStatistics, Tracer } from './support/tracer.ts';

const w = compileWorkload('syscalls');
const P = process.argv.slice(2);
for (let r = 0; r < 2; r++)
  for (const text of P) {
    const t = await Tracer.start('bptop', `t:raw_syscalls:sys_enter ${text}`);
    let best = 1e9;
    for (let i = 0; i < 12; i++) {
      enableStatistics();
      const a = t.statistics();
      execFileSync(w, ['100000', '1']);
      const b = t.statistics();
      if (b.runs - a.runs >= 100000) best = Math.min(best, (b.timeNs - a.timeNs) / (b.runs - a.runs));
    }
    await t.stop();
    console.log(best.toFixed(1), text);
  }
