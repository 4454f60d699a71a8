/**
 * What a run has to say, format by format. A run calls these in the order in which things happened; text, JSON, CSV
 * and folded stacks each implement the interface, and none of them knows of the others.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, PrintedText, Value } from '../session/snapshot.ts';
import type { MapPrintOptions } from './map-text.ts';
import type { TextStyle } from './style.ts';

/** Text that an action of the script produced; the kind is the record type of JSON output. */
export type MessageKind = 'printf' | 'time' | 'cat' | 'join' | 'syscall';

export interface Output {
  /** How traced strings inside formatted messages are to be written. */
  readonly style: TextStyle;
  attachedProbes(count: number): void;
  /** `text` is complete: with its line end where one belongs. */
  message(kind: MessageKind, text: string): void;
  /** Text of `printf` that is bytes already; present where such text is written as it is. */
  readonly printed?: (text: PrintedText) => void;
  value(type: Type, value: Value): void;
  map(map: MapSnapshot, options: MapPrintOptions): void;
  /** `errorf` and `warnf`. */
  report(kind: 'errorf' | 'warnf', text: string, span: Span): void;
  helperError(error: HelperError): void;
  runtimeError(message: string, span: Span): void;
  /** Events lost since the last call. */
  lostEvents(count: number): void;
  /** Before the final maps. */
  endOfRun(): void;
}

/** HelperError is a failed call of a kernel helper, at a place in the script. */
export interface HelperError {
  readonly message: string;
  readonly helper: string;
  readonly code: number;
  readonly span: Span;
}
