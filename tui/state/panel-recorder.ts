/** Writes what the dashboard's panels show into a recording, from now until it is closed. */

import { RecordingWriter } from '../../src/recording/writer.ts';
import type { Snapshot } from '../../src/session/snapshot.ts';
import { systemMessage } from '../../src/text/error-texts.ts';
import type { Dashboard } from './dashboard.ts';
import type { Panel } from './panel.ts';
import type { Recorder } from './recorder.ts';

/** createPanelRecorder starts a recording; throws the system's error if the file cannot be made. */
export function createPanelRecorder(path: string, dashboard: Dashboard): Recorder {
  const writer = new RecordingWriter(path);
  const numbers = new Map<Panel, number>();
  const written = new Map<Panel, number>();

  function numberOf(panel: Panel): number {
    let number = numbers.get(panel);
    if (number === undefined) {
      const { name, text, parameters, scope } = panel;
      number = writer.addPanel({ name, text, parameters, scope }, dashboard.now());
      numbers.set(panel, number);
      written.set(panel, panel.log.total);
    }
    return number;
  }

  function take(panel: Panel, snapshot: Snapshot): void {
    const number = numberOf(panel);
    for (const line of panel.log.since(written.get(panel) ?? 0)) writer.addLine(number, line.timeMs, line);
    written.set(panel, panel.log.total);
    writer.addSnapshot(number, snapshot);
  }

  // In the order on the screen, whichever is read first: a replay shows them in the order of the recording.
  try {
    for (const panel of dashboard.panels) if (panel.isAttached || panel.status.kind === 'starting') numberOf(panel);
  } catch (error) {
    writer.close();
    throw error;
  }

  const release = dashboard.onSnapshot((panel, snapshot) => {
    try {
      take(panel, snapshot);
    } catch (error) {
      release();
      writer.close();
      dashboard.setRecording(undefined);
      dashboard.tell(`recording stopped: ${systemMessage(error)}`, 'error');
    }
  });
  return {
    path,
    close() {
      release();
      writer.close();
    },
  };
}
