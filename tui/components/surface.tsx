/** A box that Ink lays out and someone else paints: live data never goes through React. */

import { Box, type BoxProps, type DOMElement } from 'ink';
import { useLayoutEffect, useRef } from 'react';
import type { Rect } from '../cells/cell-buffer.ts';
import type { Painter } from '../cells/painter.ts';
import type { Surface as SinkSurface } from '../terminal/frame-sink.ts';
import { rectOf } from './place.ts';
import { useUi } from './ui-context.ts';

interface SurfaceProps extends BoxProps {
  readonly paint: (painter: Painter) => void;
  /** 1 lies above the others. */
  readonly layer?: 0 | 1;
  readonly subject?: SinkSurface['subject'];
  readonly click?: (x: number, y: number) => void;
}

export function Surface({ paint, subject, click, layer = 0, ...box }: SurfaceProps) {
  const { sink } = useUi();
  const element = useRef<DOMElement>(null);
  const painting = useRef(paint);
  painting.current = paint;
  const depending = useRef(subject);
  depending.current = subject;
  const clicking = useRef(click);
  clicking.current = click;
  // As part of the commit: an effect that runs later would leave a frame without the surface.
  useLayoutEffect(() => {
    let rect: Rect | undefined;
    let version = -1;
    return sink.addSurface({
      layer,
      rect: () => {
        if (version !== sink.layoutVersion) rect = rectOf(element.current);
        version = sink.layoutVersion;
        return rect;
      },
      paint: (painter) => painting.current(painter),
      ...(depending.current !== undefined && { subject: () => depending.current?.() ?? [] }),
      click: (x, y) => clicking.current?.(x, y),
    });
  }, [sink, layer]);
  return <Box ref={element} {...box} />;
}
