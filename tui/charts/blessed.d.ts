/** The few parts of blessed and blessed-contrib that the host touches; neither brings types of its own. */

declare module 'blessed' {
  export interface BlessedElement {
    lpos: unknown;
    render(): unknown;
    setContent(text: string): void;
    detach(): void;
    destroy(): void;
  }
  export interface BlessedScreen {
    lines: [number, string][][] & { dirty?: boolean };
    append(element: BlessedElement): void;
    remove(element: BlessedElement): void;
    alloc(): void;
  }
  export interface BlessedProgram {
    cols: number;
    rows: number;
  }
  const blessed: {
    program(options: object): BlessedProgram;
    screen(options: object): BlessedScreen;
    Program: { _bound?: boolean };
    Screen: { _bound?: boolean };
  };
  export default blessed;
}

declare module 'blessed-contrib/lib/widget/charts/line.js' {
  import type { BlessedElement } from 'blessed';
  export interface LineWidget extends BlessedElement {
    setData(
      series: readonly { title: string; x: readonly string[]; y: readonly number[]; style: { line: number } }[],
    ): void;
  }
  const line: new (options: object) => LineWidget;
  export default line;
}
