/**
 * What is painted piece by piece is what would be painted at once: after any series of changes every cell is as in a sink
 * that has never shown anything else, and so is the terminal.
 */

import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import type { Rect } from '../../../tui/cells/cell-buffer.ts';
import { style, TOKENS } from '../../../tui/cells/style.ts';
import { FrameSink, type Surface } from '../../../tui/terminal/frame-sink.ts';
import { StyleEncoder } from '../../../tui/theme/sgr.ts';
import { THEMES, type Theme } from '../../../tui/theme/themes.ts';
import fc from '../../support/property.ts';

const encoder = new StyleEncoder(THEMES[0] as Theme, '256');

/** Places beside each other: a panel may take the place of others, as when it is shown full screen. */
const PLACES: readonly Rect[] = [
  { x: 0, y: 1, width: 7, height: 3 },
  { x: 7, y: 1, width: 8, height: 3 },
  { x: 15, y: 1, width: 9, height: 3 },
  { x: 0, y: 4, width: 12, height: 3 },
  { x: 12, y: 4, width: 12, height: 3 },
];
const WHOLE: Rect = { x: 0, y: 1, width: 24, height: 6 };
const STATUS: Rect = { x: 0, y: 0, width: 24, height: 1 };

interface State {
  base: string;
  readonly texts: string[];
  readonly isShown: boolean[];
  full: number | undefined;
  above: Rect | undefined;
  status: string;
}

/** The same surfaces of the same state, for one sink. */
function surfacesOf(state: State): { readonly surface: Surface; readonly isShown: () => boolean }[] {
  const panels = PLACES.map((place, index) => ({
    isShown: () => state.isShown[index] === true,
    surface: {
      layer: 0,
      rect: () => (state.full === undefined ? place : state.full === index ? WHOLE : undefined),
      paint: (painter) => {
        const text = state.texts[index] ?? '';
        for (let y = 0; y < painter.height; y++)
          painter.text(y % 3, y, text.slice(y), style(TOKENS[(text.length + y) % TOKENS.length] ?? 'text'));
        painter.background(0, 1, painter.width >> 1, 'selection');
      },
      subject: () => [state.texts[index]],
    } satisfies Surface,
  }));
  const status: Surface = {
    layer: 0,
    rect: () => STATUS,
    paint: (painter) => void painter.text(2, 0, state.status, style('title')),
  };
  const above: Surface = {
    layer: 1,
    rect: () => state.above,
    paint: (painter) => painter.fill(0, 0, painter.width - 1, painter.height, style('overlay'), '#'),
  };
  return [
    ...panels,
    { surface: status, isShown: () => true },
    { surface: above, isShown: () => state.above !== undefined },
  ];
}

function sinkOf(columns: number, rows: number, writes: string[]): FrameSink {
  return new FrameSink({
    columns,
    rows,
    encoder,
    writer: { write: (data) => writes.push(data) > 0, onDrain: () => undefined },
  });
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', '─', '\x1b', '8'), maxLength: 26 });
const plain = fc.string({ unit: fc.constantFrom('x', 'y', ' '), maxLength: 24 });
const change = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), index: fc.nat(4), text: word }),
  fc.record({ kind: fc.constant('toggle' as const), index: fc.nat(4) }),
  fc.record({ kind: fc.constant('full' as const), index: fc.option(fc.nat(4), { nil: undefined }) }),
  fc.record({ kind: fc.constant('base' as const), text: plain }),
  fc.record({ kind: fc.constant('status' as const), text: word }),
  fc.record({ kind: fc.constant('above' as const), x: fc.nat(20), y: fc.nat(6), isShown: fc.boolean() }),
  fc.record({ kind: fc.constant('flush' as const) }),
  fc.record({ kind: fc.constant('repaint' as const) }),
);

test('a random series of changes, painted piece by piece, and the same painted at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 4, maxLength: 40 }), async (changes) => {
      const state: State = {
        base: '',
        texts: ['one', 'two', 'three', '日本', 'five'],
        isShown: [true, true, true, true, false],
        full: undefined,
        above: undefined,
        status: 'bptop',
      };
      const writes: string[] = [];
      const sink = sinkOf(24, 7, writes);
      const shown = surfacesOf(state).map((item) => ({ ...item, remove: undefined as (() => void) | undefined }));
      const showThem = () => {
        for (const item of shown) {
          if (item.isShown() === (item.remove !== undefined)) continue;
          if (item.remove === undefined) item.remove = sink.addSurface(item.surface);
          else {
            item.remove();
            item.remove = undefined;
          }
        }
      };
      sink.write(state.base);
      showThem();
      for (const step of changes) {
        if (step.kind === 'text') state.texts[step.index] = step.text;
        else if (step.kind === 'toggle') state.isShown[step.index] = state.isShown[step.index] !== true;
        else if (step.kind === 'full') state.full = step.index;
        else if (step.kind === 'status') state.status = step.text;
        else if (step.kind === 'above')
          state.above = step.isShown ? { x: step.x, y: step.y, width: 9, height: 2 } : undefined;
        else if (step.kind === 'base') {
          state.base = `${step.text}\n${step.text}`;
          sink.write(state.base);
        } else if (step.kind === 'repaint') sink.repaint();
        showThem();
        if (step.kind === 'flush') sink.flush();
      }
      sink.flush();
      const fresh = sinkOf(24, 7, []);
      fresh.write(state.base);
      for (const { surface, isShown } of surfacesOf(state)) if (isShown()) fresh.addSurface(surface);
      const wanted = fresh.compose();
      const got = sink.compose();
      expect(got.toText()).toBe(wanted.toText());
      expect([...got.codes]).toEqual([...wanted.codes]);
      expect([...got.styles]).toEqual([...wanted.styles]);
      expect(await screenAfter(writes)).toBe(wanted.toText());
      sink.close();
      fresh.close();
    }),
    { numRuns: 150 },
  );
});

async function screenAfter(updates: readonly string[]): Promise<string> {
  const terminal = new xterm.Terminal({ cols: 24, rows: 7, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(updates.join(''), done));
  const rows = Array.from({ length: 7 }, (_, y) =>
    terminal.buffer.active.getLine(y)?.translateToString(true).trimEnd(),
  );
  terminal.dispose();
  return rows.join('\n');
}
