/**
 * Why a run ends: the first reason counts. Waiting code races against `requested`, so that nothing on the way out has
 * to time out first.
 */

export class StopRequest {
  readonly requested: Promise<void>;
  #resolve: () => void = () => {};
  #isRequested = false;
  #exitCode: number | undefined;

  constructor() {
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Set when the script asked for it; what happened later in the kernel is then dropped. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  stop(): void {
    this.#isRequested = true;
    this.#resolve();
  }

  exit(code: number): void {
    this.#exitCode ??= code;
    this.stop();
  }
}
