/** Text in a style token, passed through Ink's layout to the frame parser. */

import { Text } from 'ink';
import { sanitize } from '../cells/sanitize.ts';
import { style, type Token } from '../cells/style.ts';
import { styled } from '../terminal/frame-parser.ts';

interface StyledProps {
  readonly token?: Token;
  readonly background?: Token;
  readonly attributes?: number;
  readonly children: string;
}

export function Styled({ token = 'text', background = 'none', attributes = 0, children }: StyledProps) {
  return <Text wrap="truncate">{paintText(children, token, background, attributes)}</Text>;
}

/** paintText is for lines made of several styles. */
export function paintText(text: string, token: Token, background: Token = 'none', attributes = 0): string {
  return styled(sanitize(text), style(token, background, attributes));
}
