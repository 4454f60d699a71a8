/**
 * The frame sink is what Ink takes for its terminal. It keeps screens of cells: Ink's last frame, what surfaces have
 * painted, the composed one (frame, then surfaces, then overlays) and what the terminal shows; a flush writes the
 * difference as one synchronized update. Nothing is written while the terminal has not taken the last update.
 */

import { EventEmitter } from 'node:events';
import { CellBuffer, type Rect } from '../cells/cell-buffer.ts';
import { clipRect, Painter } from '../cells/painter.ts';
import type { StyleEncoder } from '../theme/sgr.ts';
import { encodeDiff } from './diff.ts';
import { parseFrame } from './frame-parser.ts';

/** A rectangle that paints itself; those of layer 1 lie above the others, and those of layer 0 beside each other. */
export interface Surface {
  readonly layer: 0 | 1;
  rect(): Rect | undefined;
  paint(painter: Painter): void;
  /** All that the picture depends on: while it is the same, the picture is not painted again. Without it, it always is. */
  subject?(): readonly unknown[];
  /** A mouse button was pressed at a place relative to the rectangle. */
  click?(x: number, y: number): void;
}

export interface TerminalWriter {
  /** Takes one update; false means: not before `drain` again. */
  write(data: string): boolean;
  onDrain(listener: () => void): void;
}

export interface FrameSinkOptions {
  readonly columns: number;
  readonly rows: number;
  readonly writer: TerminalWriter;
  readonly encoder: StyleEncoder;
  readonly isAscii?: boolean;
}

/** What a surface has painted, and where. */
interface Picture {
  readonly rect: Rect;
  readonly subject: readonly unknown[];
}

const SYNC_BEGIN = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';

export class FrameSink extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Raised by everything that Ink lays out. */
  layoutVersion = 0;
  /** Bytes written so far, for the dashboard's own cost line and the benchmark. */
  bytesWritten = 0;
  #base: CellBuffer;
  /** The frame with the surfaces' pictures on it: what has not changed stays from one flush to the next. */
  #composed: CellBuffer;
  /** The same below what lies above it, while anything does; else what was composed before Ink's last frame. */
  #spare: CellBuffer;
  #screen: CellBuffer;
  /** By row: what the terminal shows there may be another than what is composed. */
  #isStale: Uint8Array;
  /** Ink's frame has changed, or which surfaces there are. */
  #isAnew = true;
  #wasCovered = false;
  readonly #surfaces = new Set<Surface>();
  #pictures = new WeakMap<Surface, Picture>();
  readonly #writer: TerminalWriter;
  readonly #isAscii: boolean;
  #encoder: StyleEncoder;
  #mustRepaint = true;
  #isBlocked = false;
  #isDirty = false;
  #isScheduled = false;
  #isClosed = false;
  #cursor: { readonly x: number; readonly y: number } | undefined;
  #shownCursor = '';

  constructor(options: FrameSinkOptions) {
    super();
    this.columns = options.columns;
    this.rows = options.rows;
    this.#writer = options.writer;
    this.#encoder = options.encoder;
    this.#isAscii = options.isAscii ?? false;
    this.#base = new CellBuffer(this.columns, this.rows);
    this.#composed = new CellBuffer(this.columns, this.rows);
    this.#spare = new CellBuffer(this.columns, this.rows);
    this.#screen = new CellBuffer(this.columns, this.rows);
    this.#isStale = new Uint8Array(this.rows).fill(1);
    this.#writer.onDrain(() => {
      this.#isBlocked = false;
      if (this.#isDirty) this.flush();
    });
  }

  /** Called by Ink with a whole frame on every commit. */
  write(frame: string, ...rest: readonly unknown[]): boolean {
    const callback = rest.find((item) => typeof item === 'function');
    if (!this.#isClosed && !isControl(frame)) {
      this.layoutVersion++;
      this.#isAnew = true;
      parseFrame(frame, this.#base, this.#isAscii);
      this.schedule();
    }
    if (typeof callback === 'function') callback();
    return true;
  }

  /** Paints what Ink has laid out; false if that is for Ink itself to draw. */
  frame(paint: (painter: Painter) => boolean): boolean {
    if (this.#isClosed) return true;
    this.layoutVersion++;
    this.#isAnew = true;
    this.#base.clear();
    if (!paint(new Painter(this.#base, undefined, this.#isAscii))) return false;
    this.schedule();
    return true;
  }

  addSurface(surface: Surface): () => void {
    this.#surfaces.add(surface);
    this.#isAnew = true;
    this.schedule();
    return () => {
      this.#surfaces.delete(surface);
      this.#pictures.delete(surface);
      this.#isAnew = true;
      this.schedule();
    };
  }

  /** Flushes once after the current turn, however often it is asked. */
  schedule(): void {
    this.#isDirty = true;
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flushScheduled();
    });
  }

  /** Flushes at once if a flush is to come. */
  flushScheduled(): void {
    if (this.#isDirty) this.flush();
  }

  flush(): void {
    if (this.#isClosed) return;
    this.#isDirty = true;
    if (this.#isBlocked) return;
    this.#isDirty = false;
    const next = this.compose();
    let output = '';
    if (this.#mustRepaint) {
      // Start from a known screen, so that only what is not blank is written.
      output += '\x1b[0m\x1b[2J';
      this.#screen.clear();
      this.#isStale.fill(1);
      this.#mustRepaint = false;
    }
    output += encodeDiff(this.#screen, next, this.#encoder, this.#isStale);
    this.#isStale.fill(0);
    const cursor =
      this.#cursor === undefined ? '\x1b[?25l' : `\x1b[${this.#cursor.y + 1};${this.#cursor.x + 1}H\x1b[?25h`;
    if (output === '' && cursor === this.#shownCursor) return;
    this.#shownCursor = cursor;
    const update = `${SYNC_BEGIN}${output}${cursor}${SYNC_END}`;
    this.bytesWritten += Buffer.byteLength(update);
    this.#isBlocked = !this.#writer.write(update);
  }

  /** Brings the composed screen up to date and returns it (also for screenshots). */
  compose(): CellBuffer {
    if (this.#isAnew || this.#hasMoved()) this.#beginAnew();
    let isCovered = false;
    for (const surface of this.#surfaces) {
      if (surface.layer === 0) this.#update(surface);
      else isCovered = true;
    }
    // What lay above may have been anywhere.
    if (isCovered || this.#wasCovered) this.#isStale.fill(1);
    this.#wasCovered = isCovered;
    if (!isCovered) return this.#composed;
    this.#spare.copyFrom(this.#composed);
    for (const surface of this.#surfaces) {
      const rect = surface.layer === 1 ? this.#rectOf(surface) : undefined;
      if (rect !== undefined) surface.paint(new Painter(this.#spare, rect, this.#isAscii));
    }
    return this.#spare;
  }

  /** Hands a mouse click to the surface under it. */
  click(x: number, y: number): void {
    for (const surface of this.#surfaces) {
      const rect = surface.rect();
      if (rect === undefined || x < rect.x || y < rect.y) continue;
      if (x < rect.x + rect.width && y < rect.y + rect.height) surface.click?.(x - rect.x, y - rect.y);
    }
  }

  /** Ink hears of it by what it is to lay out; told of it, it would draw a frame of its own. */
  resize(columns: number, rows: number): void {
    this.repaint();
    if (columns === this.columns && rows === this.rows) return;
    this.columns = columns;
    this.rows = rows;
    this.#base = new CellBuffer(columns, rows);
    this.#pictures = new WeakMap();
    this.#composed = new CellBuffer(columns, rows);
    this.#spare = new CellBuffer(columns, rows);
    this.#screen = new CellBuffer(columns, rows);
    this.#isStale = new Uint8Array(rows).fill(1);
    this.#isAnew = true;
  }

  /** Forgets what the terminal shows: after Ctrl-L, fg, or another program's output. */
  repaint(): void {
    this.#mustRepaint = true;
    this.#shownCursor = '';
    this.schedule();
  }

  setEncoder(encoder: StyleEncoder): void {
    this.#encoder = encoder;
    this.repaint();
  }

  /** Where the text cursor stands; undefined hides it. */
  setCursor(position: { readonly x: number; readonly y: number } | undefined) {
    this.#cursor = position;
  }

  close(): void {
    this.#isClosed = true;
    this.#surfaces.clear();
  }

  /** Ink's frame, and the pictures that were there before. */
  #beginAnew(): void {
    const before = this.#composed;
    this.#composed = this.#spare;
    this.#spare = before;
    this.#composed.copyFrom(this.#base);
    for (const surface of this.#surfaces) {
      const picture = surface.layer === 0 ? this.#pictures.get(surface) : undefined;
      if (picture !== undefined && isSameRect(picture.rect, this.#rectOf(surface)))
        this.#composed.copyRect(before, picture.rect);
      else this.#pictures.delete(surface);
    }
    this.#isStale.fill(1);
    this.#isAnew = false;
  }

  #rectOf(surface: Surface): Rect | undefined {
    const place = surface.rect();
    const rect = place === undefined ? undefined : clipRect(place, this.#composed);
    return rect === undefined || rect.width === 0 || rect.height === 0 ? undefined : rect;
  }

  /** A surface has moved without Ink. */
  #hasMoved(): boolean {
    for (const surface of this.#surfaces) {
      const picture = this.#pictures.get(surface);
      if (picture !== undefined && !isSameRect(picture.rect, this.#rectOf(surface))) return true;
    }
    return false;
  }

  /** Paints a surface if its picture is not there yet, or is another now. */
  #update(surface: Surface): void {
    const rect = this.#rectOf(surface);
    if (rect === undefined) return;
    const subject = surface.subject?.();
    const picture = this.#pictures.get(surface);
    if (picture !== undefined && subject !== undefined && isSameSubject(picture.subject, subject)) return;
    if (subject === undefined) this.#composed.copyRect(this.#base, rect);
    else this.#composed.clearRect(rect);
    surface.paint(new Painter(this.#composed, rect, this.#isAscii));
    this.#isStale.fill(1, rect.y, rect.y + rect.height);
    this.#pictures.set(surface, { rect, subject: subject ?? [] });
  }
}

function isSameRect(left: Rect, right: Rect | undefined): boolean {
  if (right === undefined) return false;
  return left.x === right.x && left.y === right.y && left.width === right.width && left.height === right.height;
}

function isSameSubject(left: readonly unknown[] | undefined, right: readonly unknown[]): boolean {
  return left?.length === right.length && right.every((item, index) => Object.is(item, left[index]));
}

/** Ink also writes cursor sequences of its own on unmount; they are not frames. */
function isControl(frame: string): boolean {
  return frame.length < 16 && /^(?:\x1b\[\?[0-9;]*[a-z])+$/.test(frame);
}
