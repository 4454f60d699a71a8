/** A box that Ink lays out and someone else paints: live data never goes through React. */

import { Box, type BoxProps, type DOMElement } from 'ink';
import { useEffect, useRef } from 'react';
import type { Painter } from '../cells/painter.ts';
import { rectOf } from './place.ts';
import { useUi } from './ui-context.ts';

interface SurfaceProps extends BoxProps {
  readonly paint: (painter: Painter) => void;
  readonly click?: (x: number, y: number) => void;
}

export function Surface({ paint, click, ...box }: SurfaceProps) {
  const { sink } = useUi();
  const element = useRef<DOMElement>(null);
  const painting = useRef(paint);
  painting.current = paint;
  const clicking = useRef(click);
  clicking.current = click;
  useEffect(
    () =>
      sink.addSurface({
        layer: 0,
        rect: () => rectOf(element.current),
        paint: (painter) => painting.current(painter),
        click: (x, y) => clicking.current?.(x, y),
      }),
    [sink],
  );
  return <Box ref={element} {...box} />;
}
