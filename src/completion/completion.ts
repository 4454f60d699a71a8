/**
 * Completion for the prompt line and editors: from a text and a cursor to what may stand there. It reads the tokens
 * before the cursor and asks the kernel's facts; nothing is attached, a broken script is no obstacle.
 */

import { DiagnosticList } from '../diagnostics/diagnostic.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { ScriptLexer } from '../language/lexer.ts';
import type { ScriptToken } from '../language/tokens.ts';
import { completeAttachPoint } from './attach-points.ts';
import { type Candidate, type Candidates, matching } from './candidate.ts';
import { completeCode } from './code.ts';

export interface Completion {
  /** What takes the place of the text from `start` to the cursor. */
  readonly text: string;
  readonly start: number;
  readonly kind: CandidateKind;
  /** Its type, signature or form. */
  readonly type: string;
  /** One line: what it is. */
  readonly detail: string;
}

export type CandidateKind = Candidate['kind'];

/** complete gives what may stand at the cursor, best first. */
export function complete(text: string, cursor: number, facts: KernelFacts): readonly Completion[] {
  const before = text.slice(0, cursor);
  const lexer = new ScriptLexer({ name: 'prompt', text: before }, new DiagnosticList());
  const tokens = listTokens(lexer.parse());
  const comment = lexer.comments.at(-1);
  if (comment && comment.span.end >= before.length && !/\*\/$|\n$/.test(comment.text)) return [];
  const { mode, item } = lexer.endState;
  const last = tokens.at(-1);
  const isAtLast = last !== undefined && last.end === before.length;
  if (isAtLast && last.kind === 'string' && !/^"(?:[^"\\]|\\.)*"$/s.test(last.text)) return [];
  if (mode === 'root') {
    const isAttachPoint = last?.kind === 'attachPoint';
    // Behind a whole attach point stands a `,`, a predicate or the block.
    if (isAttachPoint && !isAtLast) return [];
    return finish(completeAttachPoint(isAttachPoint ? last.text : '', facts), before.length);
  }
  return finish(completeCode(tokens, { text, before, item, facts }), before.length);
}

function finish({ prefix, candidates }: Candidates, cursor: number): readonly Completion[] {
  return matching(prefix, candidates, (candidate) => candidate.text).map((candidate) => ({
    text: candidate.text,
    start: cursor - prefix.length,
    kind: candidate.kind,
    type: candidate.type,
    detail: candidate.detail,
  }));
}

function listTokens(first: ScriptToken): ScriptToken[] {
  const tokens: ScriptToken[] = [];
  for (let token: ScriptToken | undefined = first; token; token = token.next)
    if (token.kind !== 'end') tokens.push(token);
  return tokens;
}
