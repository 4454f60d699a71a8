/**
 * Splitting of attach points: positional parameters are put in, then the text is cut at its colons. A quoted part
 * keeps its colons and `$`; each part knows where it was written.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { AttachPoint, AttachPointPart } from './ast.ts';
import type { ScriptToken } from './tokens.ts';

const USER_NAME = /^([A-Za-z_]\w*)=/;

/** readAttachPoint makes the node of one attach point. */
export function readAttachPoint(token: ScriptToken, span: Span, positionalParameters: readonly string[]): AttachPoint {
  const userName = USER_NAME.exec(token.text)?.[1];
  const offset = userName === undefined ? 0 : userName.length + 1;
  return {
    kind: 'AttachPoint',
    span,
    ...(userName !== undefined && { userName }),
    text: token.text,
    parts: splitParts(token.text, offset, span, positionalParameters),
  };
}

function splitParts(
  text: string,
  from: number,
  span: Span,
  positionalParameters: readonly string[],
): AttachPointPart[] {
  const parts: AttachPointPart[] = [];
  let part = '';
  let isQuoted = false;
  let start = from;
  let at = from;
  const finish = (end: number) => {
    parts.push({
      text: part,
      isQuoted,
      span: { ...span, start: span.start + start, end: span.start + end },
    });
    part = '';
    isQuoted = false;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === ':') {
      finish(at);
      start = ++at;
    } else if (character === '"') {
      isQuoted = true;
      at++;
      for (; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\') at++;
        part += text[at] ?? '';
      }
      at++;
    } else {
      const parameter = character === '$' ? /^\$(\d+)/.exec(text.slice(at)) : null;
      if (!parameter) {
        part += character;
        at++;
        continue;
      }
      at += parameter[0].length;
      const value = positionalParameters[Number(parameter[1]) - 1] ?? '';
      const [first = '', ...others] = value.split(':');
      part += first;
      for (const other of others) {
        finish(at);
        start = at;
        part = other;
      }
    }
  }
  finish(text.length);
  return parts;
}
