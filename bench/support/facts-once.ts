/** One measurement of bench/facts.ts in a process of its own, since caches and compiled code are part of what is measured. */

const [kind = ''] = process.argv.slice(2);
const { openLiveFacts } = await import('../../src/kernel/live.ts');
const { listProbes } = await import('../../src/listing/listing.ts');

const ACTIONS: Readonly<Record<string, () => unknown>> = {
  lookup: () => openLiveFacts().types.struct('task_struct')?.size,
  format: () =>
    openLiveFacts()
      .tracepoints.format('syscalls', 'sys_enter_openat')
      ?.fields.map(({ type }) => type),
  list: () => listProbes(undefined, openLiveFacts()).length,
};

const start = performance.now();
ACTIONS[kind]?.();
process.stdout.write(String(performance.now() - start));
