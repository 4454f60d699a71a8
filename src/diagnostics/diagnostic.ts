/**
 * Diagnostics are values: every stage collects them, one renderer prints them. A user's mistake is never thrown.
 * Spans are half-open ranges of UTF-16 offsets into the text of one source.
 */

export interface Source {
  /** Shown in messages: `stdin` for `-e` and `-`, else the path as the user gave it. */
  readonly name: string;
  readonly text: string;
}

export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** Set on nodes that came out of a macro: the place of the call, outermost last. */
  readonly expandedFrom?: Span;
}

export type Severity = 'error' | 'warning';

export interface DiagnosticNote {
  readonly message: string;
  readonly span?: Span;
}

export interface Diagnostic {
  /** Stable kebab-case identifier, such as `undefined-variable`; part of the machine-readable form. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Absent when the finding has no place in a script (no root, no BTF, …). */
  readonly span?: Span;
  readonly notes: readonly DiagnosticNote[];
  /** One line each, printed as `HINT: …`. */
  readonly hints: readonly string[];
  /** A replacement that would repair the finding, for the prompt line and editors. */
  readonly fix?: { readonly span: Span; readonly text: string };
}

export interface DiagnosticDetails {
  readonly notes?: readonly DiagnosticNote[];
  readonly hints?: readonly string[];
  readonly fix?: { readonly span: Span; readonly text: string };
}

/** DiagnosticList collects findings in the order in which they are reported. */
export class DiagnosticList {
  readonly #items: Diagnostic[] = [];

  get items(): readonly Diagnostic[] {
    return this.#items;
  }

  get hasErrors(): boolean {
    return this.#items.some((item) => item.severity === 'error');
  }

  error(code: string, message: string, span?: Span, details: DiagnosticDetails = {}): void {
    this.#items.push(createDiagnostic('error', code, message, span, details));
  }

  warning(code: string, message: string, span?: Span, details: DiagnosticDetails = {}): void {
    this.#items.push(createDiagnostic('warning', code, message, span, details));
  }

  add(...diagnostics: readonly Diagnostic[]): void {
    this.#items.push(...diagnostics);
  }
}

/** createDiagnostic builds one finding; absent parts are left out rather than set to undefined. */
export function createDiagnostic(
  severity: Severity,
  code: string,
  message: string,
  span?: Span,
  details: DiagnosticDetails = {},
): Diagnostic {
  return {
    code,
    severity,
    message,
    notes: details.notes ?? [],
    hints: details.hints ?? [],
    ...(span && { span }),
    ...(details.fix && { fix: details.fix }),
  };
}
