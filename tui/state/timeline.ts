/** Where the dashboard stands in time when it does not follow the kernel: what a replay implements. */
export interface Timeline {
  readonly isPaused: boolean;
  readonly timeMs: number;
  readonly speed: number;
  /** Share of the recording that lies behind, 0 to 1. */
  readonly progress: number;
  toggle(): void;
  step(count: number): void;
  first(): void;
  last(): void;
  setSpeed(speed: number): void;
}
