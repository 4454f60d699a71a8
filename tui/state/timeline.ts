/** Where the dashboard stands in time when it does not follow the kernel: what a replay implements. */
export interface Timeline {
  readonly isPaused: boolean;
  readonly timeMs: number;
  readonly speed: number;
  /** Share of the recording that lies behind, 0 to 1. */
  readonly progress: number;
  /** What is wrong with the file behind where it ends. */
  readonly damage?: string | undefined;
  toggle(): void;
  step(count: number): void;
  first(): void;
  last(): void;
  setSpeed(speed: number): void;
}
