import { expect, test } from 'vitest';
import { wildcardMatcher } from '../../../src/text/wildcard.ts';

test.each([
  ['*', 'anything', true],
  ['vfs_*', 'vfs_read', true],
  ['vfs_*', 'xvfs_read', false],
  ['*read', 'vfs_read', true],
  ['*read', 'vfs_readv', false],
  ['v*r*d', 'vfs_read', true],
  ['a.b', 'axb', false],
  ['a.*', 'a.b', true],
  ['a.*', 'axb', false],
  ['tcp_v[46]_*', 'tcp_v6_rcv', true],
  ['tcp_v[46]_*', 'tcp_v5_rcv', false],
  ['[!a]x', 'bx', true],
  ['[!a]x', 'ax', false],
  ['[z-a]*', 'z', false],
  ['[', '[', true],
  ['a?', 'ab', false],
  ['operator+', 'operator+', true],
  ['operator+*', 'operator+=', true],
])('%j and %j: %j', (pattern, text, matches) => expect(wildcardMatcher(pattern)(text)).toBe(matches));
