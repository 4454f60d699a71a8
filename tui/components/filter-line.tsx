/** The line behind `/`. */

import { Box, Text } from 'ink';
import { shownWidth } from '../cells/sanitize.ts';
import type { LineEditor } from '../models/line-editor.ts';
import { isRegularExpression } from '../models/table.ts';
import { paintText } from './styled.tsx';
import { useUi } from './ui-context.ts';

export function FilterLine({ editor }: { readonly editor: LineEditor }) {
  const { sink, dashboard } = useUi();
  sink.setCursor({ x: 1 + shownWidth(editor.text.slice(0, editor.cursor)), y: dashboard.rows - 1 });
  return (
    <Box height={1} flexShrink={0} justifyContent="space-between">
      <Text wrap="truncate">{paintText('/', 'key') + paintText(editor.text, 'text')}</Text>
      {isRegularExpression(editor.text) ? (
        <Text>{paintText('regex, ! inverts · Enter keeps, Esc clears', 'faint')}</Text>
      ) : (
        <Text>{paintText('no regex yet: taken as text', 'warning')}</Text>
      )}
    </Box>
  );
}
