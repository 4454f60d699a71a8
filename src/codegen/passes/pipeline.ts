/**
 * The passes in order, each a function from IR to IR in place.
 */

import type { IrFunction } from '../ir/ir.ts';
import { simplifyBranches } from './branches.ts';
import { shareSubexpressions } from './common.ts';
import { removeDeadCode } from './dead-code.ts';
import { foldConstants } from './fold.ts';
import { legalize } from './legalize.ts';

export const PASSES: readonly { readonly name: string; readonly run: (fn: IrFunction) => void }[] = [
  { name: 'simplify branches', run: simplifyBranches },
  { name: 'fold constants', run: foldConstants },
  { name: 'share subexpressions', run: shareSubexpressions },
  { name: 'fold constants again', run: foldConstants },
  { name: 'remove dead code', run: removeDeadCode },
  { name: 'simplify branches again', run: simplifyBranches },
];

/** optimize runs all passes; the result is legal input for register allocation. */
export function optimize(fn: IrFunction): void {
  for (const pass of PASSES) pass.run(fn);
}

/** prepare makes optimised IR ready for register allocation. */
export function prepare(fn: IrFunction): void {
  legalize(fn);
}
