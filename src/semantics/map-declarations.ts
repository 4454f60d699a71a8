/**
 * `let @m = lruhash(100);`: the kind of map and its capacity.
 */

import { didYouMean } from '../diagnostics/nearest.ts';
import type { MapDeclaration } from '../language/ast.ts';
import type { Checker } from './checker.ts';
import { checkValue } from './expressions/check.ts';
import { constantInteger } from './expressions/constants.ts';
import type { MapSymbol } from './program.ts';

const KINDS: readonly MapSymbol['storage'][] = ['hash', 'lruhash', 'percpuhash', 'percpulruhash'];
const MAX_ENTRIES = 1n << 31n;

export function declareMap(checker: Checker, node: MapDeclaration): void {
  const { name, span } = node;
  if (checker.symbols.maps.has(name)) {
    checker.error('duplicate-map', `Map ${name} was already declared`, span);
    return;
  }
  const map = checker.symbols.map(name, span);
  const kind = KINDS.find((each) => each === node.mapKind);
  if (kind === undefined) {
    checker.error('invalid-map-type', `Invalid bpf map type: ${node.mapKind}`, span, {
      hints: [`Valid map types: ${KINDS.join(', ')}`, ...didYouMean(node.mapKind, KINDS)],
    });
    return;
  }
  map.storage = kind;
  checker.symbols.claimKeys(map, false);
  const [size] = node.args;
  if (size === undefined || node.args.length > 1) {
    checker.error('argument-count', `${kind}() requires one argument (${node.args.length} provided)`, span);
    return;
  }
  const entries = constantInteger(checkValue(checker, size));
  if (entries === undefined || entries < 1n || entries >= MAX_ENTRIES)
    checker.error('invalid-argument', `${kind}() expects a positive integer literal`, size.span);
  else map.maxEntries = Number(entries);
}
