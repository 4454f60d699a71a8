/** `-h`. */

import { writeAll } from '../console.ts';
import { helpText } from '../help.ts';

export function runHelp(): number {
  writeAll(1, helpText());
  return 0;
}
