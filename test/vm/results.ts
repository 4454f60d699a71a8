/** What the guest tells the host: one line of JSON per test. */

export interface GuestResult {
  readonly file: string;
  readonly name: string;
  readonly state: 'pass' | 'fail' | 'skip';
  readonly error?: string;
  readonly durationMs?: number;
}
