/**
 * The text format: what the script prints goes to one writer, what is said about the run to the other.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderExpansions } from '../diagnostics/render.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, PrintedText, Value } from '../session/snapshot.ts';
import { type MapPrintOptions, type MapSink, valueFormatter, writeMap } from './map-text.ts';
import type { HelperError, MessageKind, Output } from './output.ts';
import { placeText } from './place.ts';
import type { TextStyle } from './style.ts';
import type { TextFormatter } from './value-text.ts';

/** TextSink takes text in order; `Writer` is one, tests collect. */
export interface TextSink extends MapSink {
  /** Copies a part of `bytes` behind the text so far. */
  append?(bytes: Uint8Array, start: number, end: number): void;
}

export interface TextOutputOptions {
  readonly out: TextSink;
  readonly errors: TextSink;
  readonly style: TextStyle;
  readonly render: (diagnostic: Diagnostic) => string;
  /** `-q` */
  readonly isQuiet?: boolean;
  /** `--no-warnings` */
  readonly hidesWarnings?: boolean;
}

/** createTextOutput gives the text format. */
export function createTextOutput(options: TextOutputOptions): Output {
  return new TextOutput(options);
}

class TextOutput implements Output {
  readonly style: TextStyle;
  readonly printed?: (text: PrintedText) => void;
  readonly #options: TextOutputOptions;
  readonly #formatters = new WeakMap<Type, TextFormatter>();

  constructor(options: TextOutputOptions) {
    this.#options = options;
    this.style = options.style;
    const { out, style } = options;
    if (style.isRaw && out.append) this.printed = ({ bytes, start, end }) => out.append?.(bytes, start, end);
  }

  attachedProbes(count: number): void {
    if (!this.#options.isQuiet) this.#options.errors.write(`Attached ${count} probe${count === 1 ? '' : 's'}\n`);
  }

  message(_kind: MessageKind, text: string): void {
    this.#options.out.write(text);
  }

  value(type: Type, value: Value): void {
    let format = this.#formatters.get(type);
    if (!format) {
      format = valueFormatter(type, this.style, 0n);
      this.#formatters.set(type, format);
    }
    this.#options.out.write(`${format(value)}\n`);
  }

  map(map: MapSnapshot, options: MapPrintOptions): void {
    writeMap(map, this.style, options, this.#options.out);
  }

  report(kind: 'errorf' | 'warnf', text: string, span: Span): void {
    if (kind === 'warnf' && this.#options.hidesWarnings) return;
    const severity = kind === 'errorf' ? 'ERROR' : 'WARNING';
    const lineEnd = text.endsWith('\n') ? '' : '\n';
    this.#options.errors.write(`${placeText(span)}: ${severity}: ${text}${lineEnd}${renderExpansions(span)}`);
  }

  helperError({ message, helper, code, span }: HelperError): void {
    this.#warn('helper-error', `${message}\nAdditional Info - helper: ${helper}, retcode: ${code}`, span);
  }

  runtimeError(message: string, span: Span): void {
    this.#warn('runtime-error', message, span);
  }

  lostEvents(count: number): void {
    this.#options.errors.write(`Lost ${count} events\n`);
  }

  endOfRun(): void {
    this.#options.out.write('\n\n');
  }

  #warn(code: string, message: string, span: Span): void {
    if (this.#options.hidesWarnings) return;
    this.#options.errors.write(this.#options.render(createDiagnostic('warning', code, message, span)));
  }
}
