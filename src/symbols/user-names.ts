/**
 * User ids to names by /etc/passwd, read again when it changes. Directory services are not asked: that could block.
 */

import { readFileSync, statSync } from 'node:fs';
import { uptimeMs } from '../session/uptime.ts';

const PASSWD = '/etc/passwd';

export class UserNames {
  readonly #path: string;
  #names: ReadonlyMap<number, string> = new Map();
  #modifiedMs = -1;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(path = PASSWD) {
    this.#path = path;
  }

  /** Undefined for an unknown id. */
  find(uid: number): string | undefined {
    this.#refresh();
    return this.#names.get(uid);
  }

  #refresh(): void {
    const now = uptimeMs();
    if (now - this.#checkedAtMs < 1000) return;
    this.#checkedAtMs = now;
    try {
      const { mtimeMs } = statSync(this.#path);
      if (mtimeMs === this.#modifiedMs) return;
      this.#names = parsePasswd(readFileSync(this.#path, 'utf8'));
      this.#modifiedMs = mtimeMs;
    } catch {
      this.#names = new Map();
      this.#modifiedMs = -1;
    }
  }
}

/** parsePasswd reads `name:password:uid:…` lines; the first name of an id counts. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    if (name !== '' && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
