/** The whole screen: status line, panels, what is being typed, hints; overlays above. */

import { Box, type DOMElement } from 'ink';
import { useLayoutEffect, useRef, useState } from 'react';
import { isTooSmall, MIN_COLUMNS, MIN_ROWS } from '../models/layout.ts';
import { paintStatus } from '../views/chrome.ts';
import { FilterLine } from './filter-line.tsx';
import { HintBar } from './hint-bar.tsx';
import { OverlayBox } from './overlay-box.tsx';
import { takeOverFrames } from './paint-tree.ts';
import { panelPicture } from './panel-picture.ts';
import { PromptBox } from './prompt-box.tsx';
import { Styled } from './styled.tsx';
import { Surface } from './surface.tsx';
import { useDashboard, useUi } from './ui-context.ts';

export function App() {
  const dashboard = useDashboard();
  const { sink } = useUi();
  const { columns, rows } = dashboard;
  const element = useRef<DOMElement>(null);
  const [isTakenOver, setTakenOver] = useState(false);
  useLayoutEffect(() => {
    takeOverFrames(element.current, sink);
    setTakenOver(true);
  }, [sink]);
  if (dashboard.prompt === undefined && dashboard.filter === undefined) sink.setCursor(undefined);
  // Until then Ink makes the frames, for which a box is enough.
  if (!isTakenOver) return <Box ref={element} />;
  if (isTooSmall(columns, rows))
    return (
      <Box
        ref={element}
        width={columns}
        height={rows}
        flexDirection="column"
        justifyContent="center"
        alignItems="center"
      >
        <Styled token="warning">{`bptop needs ${MIN_COLUMNS}x${MIN_ROWS}`}</Styled>
        <Styled token="muted">{`this terminal is ${columns}x${rows}`}</Styled>
      </Box>
    );
  return (
    <Box ref={element} width={columns} height={rows} flexDirection="column">
      <Surface height={1} flexShrink={0} paint={(painter) => paintStatus(painter, dashboard)} />
      <PanelGrid />
      {dashboard.prompt !== undefined && <PromptBox prompt={dashboard.prompt} />}
      {dashboard.filter !== undefined && <FilterLine editor={dashboard.filter} />}
      {dashboard.prompt === undefined && dashboard.filter === undefined && <HintBar />}
      {dashboard.overlay !== undefined && <OverlayBox overlay={dashboard.overlay} />}
    </Box>
  );
}

function PanelGrid() {
  const ui = useUi();
  const { dashboard } = ui;
  if (dashboard.panels.length === 0)
    return (
      <Box flexGrow={1} flexDirection="column" justifyContent="center" alignItems="center">
        <Styled token="muted">No panel is open: press t to pick a tool, : to type a probe</Styled>
      </Box>
    );
  return (
    <Box flexGrow={1} flexDirection="column">
      {dashboard.layout.rows.map((row) => (
        <Box key={row.join()} flexGrow={1} flexBasis={0}>
          {row.map((index) => {
            const panel = dashboard.panels[index];
            if (panel === undefined) return null;
            return (
              <Surface
                key={panel.id}
                flexGrow={1}
                flexBasis={0}
                click={(x, y) => {
                  dashboard.focusPanel(index);
                  panel.view.click?.(x - 1, y - 1);
                }}
                {...panelPicture(panel, index, ui)}
              />
            );
          })}
        </Box>
      ))}
    </Box>
  );
}
