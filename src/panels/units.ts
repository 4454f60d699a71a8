/** Numbers as people read them on a dashboard: at most five significant characters and a unit. */

import type { Unit } from './description.ts';

/** [factor, suffix] from small to large; a value is shown with the largest factor it reaches. */
const SCALES: Readonly<Record<'decimal' | 'binary' | 'time', readonly (readonly [number, string])[]>> = {
  decimal: [
    [1, ''],
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
    [1e12, 'T'],
    [1e15, 'P'],
  ],
  binary: [
    [1, ' B'],
    [1024, ' KiB'],
    [1024 ** 2, ' MiB'],
    [1024 ** 3, ' GiB'],
    [1024 ** 4, ' TiB'],
    [1024 ** 5, ' PiB'],
  ],
  time: [
    [1, ' ns'],
    [1e3, ' us'],
    [1e6, ' ms'],
    [1e9, ' s'],
    [60e9, ' min'],
    [3600e9, ' h'],
  ],
};

const TIME_FACTORS: Readonly<Partial<Record<Unit, number>>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
const SIZE_FACTORS: Readonly<Partial<Record<Unit, number>>> = { bytes: 1, KiB: 1024, pages: 4096 };

/** formatUnit shows a number in its unit. */
export function formatUnit(value: number, unit: Unit = 'count'): string {
  if (!Number.isFinite(value)) return '-';
  const time = TIME_FACTORS[unit];
  if (time !== undefined) return scaled(value * time, SCALES.time);
  const size = SIZE_FACTORS[unit];
  if (size !== undefined) return scaled(value * size, SCALES.binary);
  if (unit === 'percent') return `${trim(value)}%`;
  if (unit === 'hz') return `${scaled(value, SCALES.decimal)}Hz`;
  if (unit === 'none') return Number.isInteger(value) ? String(value) : trim(value);
  return formatCount(value);
}

/** formatCount keeps small numbers exact and shortens large ones. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 100_000) return Number.isInteger(value) ? String(value) : trim(value);
  return scaled(value, SCALES.decimal);
}

/** formatRate shows a change per second. */
export function formatRate(value: number, unit: Unit = 'count'): string {
  const time = TIME_FACTORS[unit];
  // Seconds spent per second are a share of one CPU.
  if (time !== undefined) return `${trim((value * time) / 1e7)}%`;
  return formatUnit(Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value), unit);
}

function scaled(value: number, scale: readonly (readonly [number, string])[]): string {
  const magnitude = Math.abs(value);
  let chosen = scale[0] ?? [1, ''];
  for (const step of scale) if (magnitude >= step[0] * (step[0] === 1 ? 0 : 0.9995)) chosen = step;
  const [factor, suffix] = chosen;
  const shown = value / factor;
  return `${factor === 1 && Number.isInteger(value) ? value : trim(shown)}${suffix}`;
}

function trim(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 99.95) return value.toFixed(0);
  if (magnitude >= 9.995) return value.toFixed(1);
  return value.toFixed(magnitude === 0 ? 0 : 2);
}
