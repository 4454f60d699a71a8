/** The bottom line: the keys that mean something now, from the registry. */

import { Box, Text } from 'ink';
import { COMMANDS, isAvailable, keyLabel, keysOf } from '../commands/registry.ts';
import { paintText } from './styled.tsx';
import { useUi } from './ui-context.ts';

const HINTED = COMMANDS.filter((command) => command.hint !== undefined).sort(
  (left, right) => (left.hint?.[0] ?? 0) - (right.hint?.[0] ?? 0),
);

export function HintBar() {
  const { dashboard, commands, keyMap } = useUi();
  let width = 0;
  let line = '';
  for (const command of HINTED) {
    if (command.hint === undefined || !isAvailable(command, commands)) continue;
    const key = keysOf(command, keyMap)[0];
    if (key === undefined) continue;
    const label = keyLabel(key);
    const [, word] = command.hint;
    const length = label.length + word.length + 3;
    if (width + length > dashboard.columns) break;
    width += length;
    line += `${paintText(` ${label}`, 'key')} ${paintText(word, 'muted')} `;
  }
  const { page, pages } = dashboard.layout;
  const pageText = pages > 1 ? `page ${page + 1} of ${pages} ` : '';
  return (
    <Box height={1} flexShrink={0} justifyContent="space-between">
      <Text wrap="truncate">{line}</Text>
      {width + pageText.length <= dashboard.columns && <Text>{paintText(pageText, 'faint')}</Text>}
    </Box>
  );
}
