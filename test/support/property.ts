/**
 * fast-check with a seed: property tests try the same values every time, so that a finding belongs to the change that
 * brought it and nobody else's run fails. `BPTOP_TEST_SEED=N` tries others; a failure prints the seed it had.
 */

import fc from 'fast-check';

const DEFAULT_SEED = 976243102;

fc.configureGlobal({ seed: Number(process.env['BPTOP_TEST_SEED'] ?? DEFAULT_SEED) });

export default fc;
