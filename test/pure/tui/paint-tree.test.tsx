/** Cells painted straight from Ink's layout are the same as those that Ink's own frame makes. */

import { Box, type DOMElement, render, Text } from 'ink';
import { type ReactNode, useRef } from 'react';
import { expect, test } from 'vitest';
import type { CellBuffer } from '../../../tui/cells/cell-buffer.ts';
import { rootOf, takeOverFrames } from '../../../tui/components/paint-tree.ts';
import { paintText } from '../../../tui/components/styled.tsx';
import { FilteredStdin } from '../../../tui/terminal/filtered-stdin.ts';
import { FrameSink } from '../../../tui/terminal/frame-sink.ts';
import { StyleEncoder } from '../../../tui/theme/sgr.ts';
import { THEMES, type Theme } from '../../../tui/theme/themes.ts';

const TREES: Readonly<Record<string, () => ReactNode>> = {
  text: () => <Text>{paintText('hello', 'title')}</Text>,
  'several styles': () => <Text wrap="truncate">{paintText('key', 'key') + paintText(' word', 'muted')}</Text>,
  'cut text': () => <Text wrap="truncate">{paintText('x'.repeat(30), 'error')}</Text>,
  'cut between styles': () => (
    <Text wrap="truncate">{paintText('x'.repeat(19), 'error') + paintText('yyy', 'key')}</Text>
  ),
  'cut wide characters': () => <Text wrap="truncate">{paintText(`x${'漢'.repeat(15)}`, 'error', 'selection')}</Text>,
  'just fits': () => <Text wrap="truncate">{paintText('x'.repeat(20), 'error')}</Text>,
  'blanks with a background': () => <Text wrap="truncate">{paintText('a    ', 'text', 'selection')}</Text>,
  'wrapped text': () => <Text>{'one two three four five six seven'}</Text>,
  'nested text': () => <Text>{[<Text key="a">a</Text>, 'b']}</Text>,
  'both sides': () => (
    <Box key="row" justifyContent="space-between">
      <Text wrap="truncate">{paintText('left side of it', 'text')}</Text>
      <Text>{paintText('right', 'faint')}</Text>
    </Box>
  ),
  centred: () => (
    <Box key="c" height={4} alignItems="center" justifyContent="center">
      <Text>{paintText('middle', 'text')}</Text>
    </Box>
  ),
};

for (const [name, tree] of Object.entries(TREES))
  test(name, () => {
    let element: DOMElement | null = null;
    const sink = new FrameSink({
      columns: 20,
      rows: 5,
      encoder: new StyleEncoder(THEMES[0] as Theme, 'truecolor'),
      writer: { write: () => true, onDrain: () => undefined },
    });
    function Tree() {
      const box = useRef<DOMElement>(null);
      return (
        <Box
          ref={(made: DOMElement | null) => {
            box.current = made;
            element ??= made;
          }}
          width={20}
          height={5}
          flexDirection="column"
        >
          {tree()}
        </Box>
      );
    }
    const options = { stdout: sink, stderr: sink, stdin: new FilteredStdin(), debug: true, patchConsole: false };
    const app = render(<Tree />, options as unknown as NonNullable<Parameters<typeof render>[1]>);
    const byInk = cellsOf(sink.compose());
    expect(byInk.text.trim()).not.toBe('');
    takeOverFrames(element, sink);
    sink.write('something else');
    rootOf(element)?.onRender?.();
    expect(cellsOf(sink.compose())).toEqual(byInk);
    app.unmount();
  });

function cellsOf(buffer: CellBuffer): { readonly text: string; readonly styles: readonly number[] } {
  return { text: buffer.toText(), styles: [...buffer.styles] };
}
