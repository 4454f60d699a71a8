/** The bottom line: hints, and the page where panels take several. */

import { Box, Text } from 'ink';
import { hintsFor } from '../commands/hints.ts';
import { paintText } from './styled.tsx';
import { useUi } from './ui-context.ts';

export function HintBar() {
  const { commands } = useUi();
  const { hints, page } = hintsFor(commands);
  const line = hints.map(({ key, word }) => `${paintText(` ${key}`, 'key')} ${paintText(word, 'muted')} `).join('');
  return (
    <Box height={1} flexShrink={0} justifyContent="space-between">
      <Text wrap="truncate">{line}</Text>
      {page !== '' && <Text>{paintText(page, 'faint')}</Text>}
    </Box>
  );
}
