/**
 * Attach points of perf events: interval, profile, software, hardware and watchpoint.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Checker } from '../checker.ts';
import type { Period } from '../program.ts';
import { type AttachPointParts, type ExpandedSite, plainSite, type SiteDescription } from './expand.ts';
import { HARDWARE_EVENTS, SOFTWARE_EVENTS } from './perf-events.ts';

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};
const TIMER_UNITS = ['hz', 's', 'ms', 'us'];

/** readNumber reads a decimal, hexadecimal or octal number of an attach point. */
export function readNumber(text: string): bigint | undefined {
  const plain = text.replaceAll('_', '');
  if (/^0[xX][0-9a-fA-F]+$/.test(plain)) return BigInt(plain);
  if (/^0[0-7]+$/.test(plain)) return BigInt(`0o${plain.slice(1)}`);
  const scientific = /^([1-9])e([0-9]{1,2})$/.exec(plain);
  if (scientific !== null) return BigInt(scientific[1] ?? '0') * 10n ** BigInt(scientific[2] ?? '0');
  return /^[0-9]+$/.test(plain) ? BigInt(plain) : undefined;
}

/** expandTimer resolves `profile:hz:99`, `interval:s:1` and `interval:100ms`. */
export function expandTimer(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const period = point.parts.length === 1 ? bareDuration(checker, point) : unitAndNumber(checker, point);
  if (period === undefined) return [];
  const provider = point.provider.name === 'profile' ? 'profile' : 'interval';
  return [
    plainSite({
      provider,
      period,
      name: [provider, ...point.parts].join(':'),
      span: point.span,
    }),
  ];
}

function unitAndNumber(checker: Checker, point: AttachPointParts): Period | undefined {
  const [unit = '', text = ''] = point.parts;
  if (!TIMER_UNITS.includes(unit)) {
    checker.error(
      'invalid-unit',
      `${unit} is not an accepted unit for ${point.provider.name} probes`,
      point.partSpans[0] ?? point.span,
      { hints: [`units are ${TIMER_UNITS.join(', ')}`] },
    );
    return undefined;
  }
  const number = readNumber(text);
  if (number === undefined || number === 0n) {
    checker.error(
      'invalid-number',
      number === 0n
        ? `${point.provider.name} frequency should be a positive integer`
        : `Invalid rate of ${point.provider.name} probe: '${text}' is no positive integer`,
      point.partSpans[1] ?? point.span,
    );
    return undefined;
  }
  if (unit === 'hz') return { kind: 'frequency', hz: Number(number) };
  return { kind: 'time', ns: number * (UNIT_NS[unit] ?? 1n) };
}

function bareDuration(checker: Checker, point: AttachPointParts): Period | undefined {
  const text = point.parts[0] ?? '';
  const match = /^(.*?)(ns|us|ms|s|m|h|d)?$/.exec(text);
  const number = readNumber(match?.[1] ?? '');
  if (number === undefined) {
    checker.error(
      'invalid-number',
      `Invalid duration of ${point.provider.name} probe: '${text}'`,
      point.partSpans[0] ?? point.span,
      {
        hints: [`for example ${point.provider.form} or ${point.provider.name}:100ms`],
      },
    );
    return undefined;
  }
  const ns = number * (UNIT_NS[match?.[2] ?? 'ns'] ?? 1n);
  if (ns < 1000n) {
    checker.error(
      'invalid-number',
      `Invalid duration of ${point.provider.name} probe: minimum is 1000 nanoseconds`,
      point.partSpans[0] ?? point.span,
    );
    return undefined;
  }
  return { kind: 'time', ns };
}

/** expandPerfEvent resolves `software:faults:100` and `hardware:cycles:1e6`. */
export function expandPerfEvent(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const provider = point.provider.name === 'hardware' ? 'hardware' : 'software';
  const table = provider === 'hardware' ? HARDWARE_EVENTS : SOFTWARE_EVENTS;
  const [name = '', countText = ''] = point.parts;
  const row = table.find((candidate) => candidate.names.includes(name));
  if (row === undefined) {
    checker.error('no-such-probe', `${name} is not a ${provider} probe`, point.partSpans[0] ?? point.span, {
      hints: didYouMean(
        name,
        table.flatMap((candidate) => candidate.names),
      ),
    });
    return [];
  }
  const count = countText === '' ? 0n : readNumber(countText);
  if (count === undefined) {
    checker.error(
      'invalid-number',
      `Invalid count of ${provider} probe: '${countText}' is no positive integer`,
      point.partSpans[1] ?? point.span,
    );
    return [];
  }
  return [
    plainSite({
      provider,
      event: row.event,
      count: count === 0n ? row.defaultCount : count,
      name: [provider, name, countText].join(':'),
      span: point.span,
    }),
  ];
}

const WATCH_MODES = new Set(['w', 'rw', 'x']);

/** expandWatchpoint resolves `watchpoint:address:length:mode`. */
export function expandWatchpoint(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const [addressText = '', lengthText = '', modeText = ''] = point.parts;
  const address = readNumber(addressText);
  if (address === undefined) {
    checker.error('invalid-number', `Invalid watchpoint address: '${addressText}'`, point.partSpans[0] ?? point.span, {
      hints: addressText.includes('+') ? ['watchpoint:function+argument was removed'] : [],
    });
    return [];
  }
  const length = readNumber(lengthText);
  if (length !== 1n && length !== 2n && length !== 4n && length !== 8n) {
    checker.error(
      'invalid-number',
      `Invalid watchpoint length: ${lengthText} (must be 1, 2, 4 or 8)`,
      point.partSpans[1] ?? point.span,
    );
    return [];
  }
  const mode = [...new Set(modeText)].sort().join('');
  if (!WATCH_MODES.has(mode) || modeText.length !== mode.length) {
    checker.error('invalid-mode', `Invalid watchpoint mode: '${modeText}'`, point.partSpans[2] ?? point.span, {
      hints: ['modes are w (write), rw (read or write) and x (execute)'],
    });
    return [];
  }
  const site: SiteDescription = {
    provider: 'watchpoint',
    address,
    length: Number(length) as 1 | 2 | 4 | 8,
    mode,
    ...(checker.options.pid !== undefined && { pid: checker.options.pid }),
    name: ['watchpoint', ...point.parts].join(':'),
    span: point.span,
  };
  return [plainSite(site, 'user')];
}
