/**
 * C's strftime in the C locale and local time, GNU flags and widths included, for `time()` and `strftime()`. A format is
 * compiled once and remembered, since one is used for every line printed.
 */

import { zoneAbbreviation } from './time-zone.ts';

export interface StrftimeOptions {
  /** `%f` microseconds, `%l` milliseconds, `%k` nanoseconds, as the language's `strftime()` has them; else C's `%l`, `%k`. */
  readonly hasFractions?: boolean;
}

/** strftime formats a time given in ns since the epoch. */
export function strftime(format: string, wallNs: bigint, options: StrftimeOptions = {}): string {
  const hasFractions = options.hasFractions ?? false;
  const cacheKey = (hasFractions ? 'f' : 'c') + format;
  let parts = compiled.get(cacheKey);
  if (!parts) {
    parts = compile(format, hasFractions);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(cacheKey, parts);
  }
  const time = createTime(wallNs);
  if (!time) return '(?)';
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(time);
  return text;
}

interface Time {
  readonly date: Date;
  readonly seconds: bigint;
  /** Nanoseconds within the second. */
  readonly nanoseconds: number;
}

type Part = string | ((time: Time) => string);

const MAX_COMPILED = 256;
const MAX_WIDTH = 1024;
const compiled = new Map<string, readonly Part[]>();
const BILLION = 1_000_000_000n;

function createTime(wallNs: bigint): Time | undefined {
  let nanoseconds = wallNs % BILLION;
  if (nanoseconds < 0n) nanoseconds += BILLION;
  const seconds = (wallNs - nanoseconds) / BILLION;
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : { date, seconds, nanoseconds: Number(nanoseconds) };
}

const CONVERSION = /%([_\-0^#]*)(\d*)([EO]?)([A-Za-z%+])/g;

function compile(format: string, hasFractions: boolean): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const [whole, flags = '', width = '', , letter = ''] = match;
    const conversion = (hasFractions && FRACTIONS.get(letter)) || CONVERSIONS.get(letter);
    parts.push(format.slice(end, match.index));
    // What C does not know it prints as it stands.
    parts.push(conversion ? apply(conversion, flags, Math.min(Number(width), MAX_WIDTH)) : whole);
    end = match.index + whole.length;
  }
  parts.push(format.slice(end));
  return parts.filter((part) => part !== '');
}

interface NumberConversion {
  readonly value: (time: Time) => number | bigint;
  readonly width: number;
  readonly pad: '0' | ' ';
}

interface TextConversion {
  readonly text: (time: Time) => string;
  /** What `#` does to it. */
  readonly swapped?: 'upper' | 'lower';
  readonly pad?: '0';
}

type Conversion = NumberConversion | TextConversion;

function apply(conversion: Conversion, flags: string, givenWidth: number): Part {
  const padFlag = [...flags].reverse().find((flag) => flag === '_' || flag === '-' || flag === '0');
  if ('value' in conversion) {
    const pad = padFlag === '_' ? ' ' : padFlag === '0' ? '0' : conversion.pad;
    const width = givenWidth || (padFlag === '-' ? 0 : conversion.width);
    return (time) => padNumber(conversion.value(time), width, pad);
  }
  const pad = padFlag === '0' || (conversion.pad === '0' && padFlag === undefined) ? '0' : ' ';
  const isUpper = flags.includes('^') || (flags.includes('#') && conversion.swapped === 'upper');
  const isLower = flags.includes('#') && conversion.swapped === 'lower';
  return (time) => {
    const text = conversion.text(time);
    return (isLower ? text.toLowerCase() : isUpper ? text.toUpperCase() : text).padStart(givenWidth, pad);
  };
}

function padNumber(value: number | bigint, width: number, pad: '0' | ' '): string {
  if (value >= 0) return String(value).padStart(width, pad);
  const digits = String(-value);
  return pad === '0' ? `-${digits.padStart(width - 1, '0')}` : `-${digits}`.padStart(width, ' ');
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const number = (width: number, value: NumberConversion['value'], pad: '0' | ' ' = '0'): NumberConversion => ({
  value,
  width,
  pad,
});
const text = (value: (date: Date) => string, swapped?: 'upper' | 'lower'): TextConversion => ({
  text: ({ date }) => value(date),
  ...(swapped && { swapped }),
});
const composite = (format: string, pad?: '0'): TextConversion => {
  let parts: readonly Part[] | undefined;
  return {
    text(time) {
      parts ??= compile(format, false);
      return parts.map((part) => (typeof part === 'string' ? part : part(time))).join('');
    },
    ...(pad && { pad }),
  };
};
const dayName = text((date) => DAYS[date.getDay()] ?? '', 'upper');
const shortDayName = text((date) => (DAYS[date.getDay()] ?? '').slice(0, 3), 'upper');
const monthName = text((date) => MONTHS[date.getMonth()] ?? '', 'upper');
const shortMonthName = text((date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3), 'upper');
const hour12 = ({ date }: Time) => date.getHours() % 12 || 12;

const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['a', shortDayName],
  ['A', dayName],
  ['b', shortMonthName],
  ['B', monthName],
  ['c', composite('%a %b %e %H:%M:%S %Y')],
  ['C', number(2, ({ date }) => Math.floor(date.getFullYear() / 100))],
  ['d', number(2, ({ date }) => date.getDate())],
  ['D', composite('%m/%d/%y')],
  ['e', number(2, ({ date }) => date.getDate(), ' ')],
  ['F', composite('%Y-%m-%d', '0')],
  ['g', number(2, ({ date }) => isoWeek(date).year % 100)],
  ['G', number(1, ({ date }) => isoWeek(date).year)],
  ['h', shortMonthName],
  ['H', number(2, ({ date }) => date.getHours())],
  ['I', number(2, hour12)],
  ['j', number(3, ({ date }) => dayOfYear(date) + 1)],
  ['k', number(2, ({ date }) => date.getHours(), ' ')],
  ['l', number(2, hour12, ' ')],
  ['m', number(2, ({ date }) => date.getMonth() + 1)],
  ['M', number(2, ({ date }) => date.getMinutes())],
  ['n', text(() => '\n')],
  ['p', text((date) => (date.getHours() < 12 ? 'AM' : 'PM'), 'lower')],
  ['P', text((date) => (date.getHours() < 12 ? 'am' : 'pm'))],
  ['r', composite('%I:%M:%S %p')],
  ['R', composite('%H:%M')],
  ['s', number(1, ({ seconds }) => seconds)],
  ['S', number(2, ({ date }) => date.getSeconds())],
  ['t', text(() => '\t')],
  ['T', composite('%H:%M:%S')],
  ['u', number(1, ({ date }) => date.getDay() || 7)],
  ['U', number(2, ({ date }) => weekOfYear(date, 0))],
  ['V', number(2, ({ date }) => isoWeek(date).week)],
  ['w', number(1, ({ date }) => date.getDay())],
  ['W', number(2, ({ date }) => weekOfYear(date, 1))],
  ['x', composite('%m/%d/%y')],
  ['X', composite('%H:%M:%S')],
  ['y', number(2, ({ date }) => ((date.getFullYear() % 100) + 100) % 100)],
  ['Y', number(1, ({ date }) => date.getFullYear())],
  ['z', { text: ({ date }) => zoneOffset(date), pad: '0' }],
  ['Z', text((date) => zoneAbbreviation(date), 'lower')],
  ['%', text(() => '%')],
]);

const FRACTIONS: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['f', number(6, ({ nanoseconds }) => Math.floor(nanoseconds / 1000))],
  ['l', number(3, ({ nanoseconds }) => Math.floor(nanoseconds / 1_000_000))],
  ['k', number(9, ({ nanoseconds }) => nanoseconds)],
]);

/** Days since January 1st; by calendar days, so that a change of the clocks does not count. */
function dayOfYear(date: Date): number {
  const day = Date.UTC(2000, date.getMonth(), date.getDate());
  const isLeap = new Date(date.getFullYear(), 1, 29).getMonth() === 1;
  const days = (day - Date.UTC(2000, 0, 1)) / 86_400_000;
  return isLeap || date.getMonth() < 2 ? days : days - 1;
}

/** Weeks begin on `firstDay`; the days before the first such day are week 0. */
function weekOfYear(date: Date, firstDay: 0 | 1): number {
  const weekday = (date.getDay() - firstDay + 7) % 7;
  return Math.floor((dayOfYear(date) + 7 - weekday) / 7);
}

/** ISO 8601: a week belongs to the year that has its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 3 - ((date.getDay() + 6) % 7), 12);
  return { year: thursday.getFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const absolute = Math.abs(minutes);
  const digits = Math.floor(absolute / 60) * 100 + (absolute % 60);
  return (minutes < 0 ? '-' : '+') + String(digits).padStart(4, '0');
}
