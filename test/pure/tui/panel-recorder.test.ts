/** Recording what panels show. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordingReader } from '../../../src/recording/reader.ts';
import { createPanelRecorder } from '../../../tui/state/panel-recorder.ts';
import { Harness } from './harness.ts';

test('panels stand in a recording as they do on the screen, whichever is read first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bptop-recorder-'));
  const path = join(folder, 'recording');
  const panels = ['first', 'second', 'third'].map((name) => ({ name, text: 'BEGIN { @ = count(); }' }));
  const harness = new Harness({ panels, columns: 120, rows: 40 });
  try {
    await harness.seconds(1);
    const { dashboard } = harness;
    createPanelRecorder(path, dashboard).close();
    expect(new RecordingReader(path).panels.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
  } finally {
    await harness.close();
    rmSync(folder, { recursive: true });
  }
});
