/** Run as a process of its own by tests that take something from it: prints what the facts say, as JSON. */

import { openLiveFacts } from '../../src/kernel/live.ts';

const facts = openLiveFacts();
const format = facts.tracepoints.format('sched', 'sched_switch');
const report = {
  id: format?.id,
  fields: format?.fields.length,
  categories: facts.tracepoints.categories().length,
  struct: facts.types.struct('task_struct')?.name,
  hasLoop: facts.features.hasHelper('loop', 'tracepoint'),
  address: facts.functions.address('vfs_read') !== undefined,
  problems: facts.problems(),
};
process.stdout.write(JSON.stringify(report));
