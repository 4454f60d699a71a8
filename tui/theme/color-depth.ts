/**
 * How many colours the terminal has, decided once at start from the environment: NO_COLOR (no-color.org) and
 * TERM=dumb win over everything, COLORTERM over TERM.
 */

export type ColorDepth = 'truecolor' | '256' | '16' | 'none';

export const COLOR_DEPTHS: readonly ColorDepth[] = ['truecolor', '256', '16', 'none'];

/** colorDepthOf reads the environment; an explicit choice of the user overrides it. */
export function colorDepthOf(
  environment: Readonly<Record<string, string | undefined>>,
  chosen?: ColorDepth,
): ColorDepth {
  if (chosen !== undefined) return chosen;
  if ((environment['NO_COLOR'] ?? '') !== '') return 'none';
  const term = environment['TERM'] ?? '';
  if (term === 'dumb' || term === 'vt100' || term === 'vt220') return 'none';
  const colorTerm = environment['COLORTERM'] ?? '';
  if (colorTerm === 'truecolor' || colorTerm === '24bit') return 'truecolor';
  if (/-direct$/.test(term)) return 'truecolor';
  if (/256/.test(term)) return '256';
  return '16';
}

/** Terminals whose fonts have neither rounded corners nor eighths of blocks. */
const PLAIN_TERMINALS = /^(?:linux|vt\d+|dumb)$/;

/** isUnicodeLocale says whether the locale's characters are UTF-8 and the terminal may have them; without, drawing falls back to ASCII. */
export function isUnicodeLocale(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (PLAIN_TERMINALS.test(environment['TERM'] ?? '')) return false;
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'];
  // An empty locale is what containers and ssh commonly have, on terminals that speak UTF-8.
  if (locale === undefined || locale === '' || locale === 'C') return true;
  return /utf-?8/i.test(locale);
}
