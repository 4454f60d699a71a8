/**
 * The JSON format: one object per line, all of it on the output, messages about the run included.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import type { Type } from '../semantics/types.ts';
import type { MapSnapshot, Value } from '../session/snapshot.ts';
import { quote, quoteForTerminal } from './json.ts';
import { mapRecord, mapValueJson } from './map-json.ts';
import type { MapPrintOptions } from './map-text.ts';
import type { HelperError, MessageKind, Output } from './output.ts';
import { RAW_STYLE } from './style.ts';
import type { TextSink } from './text-output.ts';
import type { Quote } from './value-json.ts';

export interface JsonOutputOptions {
  readonly out: TextSink;
  readonly isTerminal?: boolean;
  readonly isQuiet?: boolean;
  readonly hidesWarnings?: boolean;
  /** Set: every record ends with a `timestamp` member of this text. */
  readonly timestamp?: () => string;
}

/** createJsonOutput gives the JSON format. */
export function createJsonOutput(options: JsonOutputOptions): Output {
  return new JsonOutput(options);
}

class JsonOutput implements Output {
  /** Messages are escaped as a whole when quoted, so that nothing is escaped twice. */
  readonly style = RAW_STYLE;
  readonly #options: JsonOutputOptions;
  readonly #quote: Quote;

  constructor(options: JsonOutputOptions) {
    this.#options = options;
    this.#quote = options.isTerminal ? quoteForTerminal : quote;
  }

  attachedProbes(count: number): void {
    if (!this.#options.isQuiet) this.#record('attached_probes', `"count": ${count}, "data": {"probes": ${count}}`);
  }

  message(kind: MessageKind, text: string): void {
    this.#record(kind, `"data": ${this.#quote(text)}`);
  }

  value(type: Type, value: Value): void {
    this.#record('value', `"data": ${mapValueJson(type, this.#quote, 0n)(value)}`);
  }

  map(map: MapSnapshot, options: MapPrintOptions): void {
    const record = mapRecord(map, this.#quote, options);
    if (record) this.#record(record.type, `"data": ${record.data}`);
  }

  report(kind: 'errorf' | 'warnf', text: string, span: Span): void {
    if (kind === 'warnf' && this.#options.hidesWarnings) return;
    this.#record(kind, `"msg": ${this.#quote(text)}, ${this.#place(span)}`);
  }

  helperError({ message, helper, code, span }: HelperError): void {
    if (this.#options.hidesWarnings) return;
    this.#record(
      'helper_error',
      `"msg": ${this.#quote(message)}, "helper": ${this.#quote(helper)}, "retcode": ${code}, ${this.#place(span)}`,
    );
  }

  runtimeError(message: string, span: Span): void {
    if (!this.#options.hidesWarnings)
      this.#record('runtime_error', `"msg": ${this.#quote(message)}, ${this.#place(span)}`);
  }

  lostEvents(count: number): void {
    this.#record('lost_events', `"count": ${count}, "data": {"events": ${count}}`);
  }

  endOfRun(): void {}

  #place(span: Span): string {
    const { line, column } = locate(span);
    return `"filename": ${this.#quote(span.source.name)}, "line": ${line}, "col": ${column}`;
  }

  #record(type: string, members: string): void {
    const { out, timestamp } = this.#options;
    out.write(`{"type": "${type}", ${members}${timestamp ? `, "timestamp": "${timestamp()}"` : ''}}\n`);
  }
}
