/**
 * What a tool needs from the kernel, and whether it is there: the `needs` of its header, one row per kind. A need nobody
 * can check without privilege counts as met; attaching then says why not.
 */

import type { KernelFacts } from '../kernel/facts.ts';

type NeedCheck = (subject: readonly string[], facts: KernelFacts) => boolean;

/** First word of a need → whether it is met. */
const NEEDS: Readonly<Record<string, NeedCheck>> = {
  tracepoint: ([category = '', event = ''], { tracepoints }) =>
    tracepoints.categories().length === 0 || tracepoints.events(category).includes(event),
  kprobe: ([name = ''], { features, functions }) => features.has('kprobe') && functions.isTraceable(name) !== 'no',
  fentry: ([name = ''], { features, functions }) => features.has('fentry') && functions.isTraceable(name) !== 'no',
  field: ([path = ''], { types }) => {
    const [name = '', member] = path.split('.');
    return !types.isAvailable || types.struct(name)?.members.some((field) => field.name === member) === true;
  },
  uprobe: ([target = '', name = ''], { binaries }) =>
    binaries.resolve(target).some((path) => binaries.symbols(path).some((symbol) => symbol.name === name)),
  usdt: ([target = '', provider = '', name = ''], { binaries }) =>
    binaries
      .resolve(target)
      .some((path) => binaries.usdt(path).some((probe) => probe.provider === provider && probe.name === name)),
};

/** unmetNeeds gives those of the needs that this kernel cannot meet, as the header says them. */
export function unmetNeeds(needs: readonly string[], facts: KernelFacts): readonly string[] {
  return needs.filter((need) => {
    const [kind = '', ...subject] = need.split(':');
    const check = NEEDS[kind];
    return check !== undefined && !check(subject, facts);
  });
}
