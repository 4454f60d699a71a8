/** What the terminal shell knows of a recording that is being written. */
export interface Recorder {
  readonly path: string;
  close(): void;
}
