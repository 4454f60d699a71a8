/** The tree of stacks is the same whenever, and however much of it, somebody has looked at before. */

import { expect, test } from 'vitest';
import { KeyTable } from '../../../src/panels/key-table.ts';
import type { MapEntry, StackFrame, Value } from '../../../src/session/snapshot.ts';
import { FlameModel, type FlameNode, nodeAt } from '../../../tui/models/flame.ts';
import { KeptMap } from '../../../tui/models/kept-map.ts';
import { countMap } from './fake-services.ts';

function frames(...names: readonly string[]): readonly StackFrame[] {
  // Leaf first.
  return names.map((symbol, index) => ({ address: BigInt(index), symbol })).reverse();
}

function key(comm: string, user: readonly string[], kernel: readonly string[]): Value {
  return [
    comm,
    { kind: 'stack', isUser: true, pid: 1, frames: frames(...user) },
    { kind: 'stack', isUser: false, frames: frames(...kernel) },
  ] as Value;
}

const KEYS: readonly Value[] = [
  key('node', ['main', 'run'], ['read', 'copy']),
  key('node', ['main', 'run'], ['read']),
  key('node', ['main', 'read'], ['read', 'lock']),
  key('node', ['main'], []),
  key('perl', [], ['read', 'copy']),
  key('bash', ['main', 'wait', 'wait', 'fork'], ['clone']),
];

function moment(table: KeyTable, counts: readonly number[]): KeptMap {
  const entries = counts.flatMap((value, index): MapEntry[] => {
    const stack = KEYS[index];
    return value === 0 || stack === undefined ? [] : [{ key: stack, value }];
  });
  return new KeptMap({ ...countMap('@', 0), entries }, table);
}

/** All of it, as lines; frames that count nothing now leave no trace. */
function linesOf(node: FlameNode, indent = ''): readonly string[] {
  if (node.value === 0) return [];
  return [
    `${indent}${node.kind} ${node.name} ${node.value} ${node.self}`,
    ...node.children.flatMap((child) => linesOf(child, `${indent} `)),
  ];
}

const LOOKS: Readonly<Record<string, (root: FlameNode) => unknown>> = {
  'at nothing': () => undefined,
  'at the first frames': (root) => root.children.length,
  'down one branch': (root) => nodeAt(root, ['node', 'main', 'run'])?.children.length,
  'at all of it': (root) => linesOf(root),
};

const MOMENTS: readonly (readonly number[])[] = [
  [3, 0, 0, 1, 0, 0],
  [3, 2, 0, 1, 5, 0],
  [4, 2, 7, 1, 0, 2],
  [0, 2, 7, 4, 1, 9],
];

for (const [name, look] of Object.entries(LOOKS))
  test(`a look ${name} changes nothing`, () => {
    const table = new KeyTable();
    const model = new FlameModel();
    for (const counts of MOMENTS) look(model.at(moment(table, counts)));
    const last = moment(table, MOMENTS.at(-1) ?? []);
    expect(linesOf(model.at(last))).toEqual(linesOf(new FlameModel().at(last)));
  });

test('labels come first, then user frames, then the kernel above them', () => {
  expect(linesOf(new FlameModel().at(moment(new KeyTable(), [3, 2, 7, 1, 0, 0])))).toEqual([
    'root all 13 0',
    ' label node 13 0',
    '  user main 13 1',
    '   user read 7 0',
    '    kernel read 7 0',
    '     kernel lock 7 7',
    '   user run 5 0',
    '    kernel read 5 2',
    '     kernel copy 3 3',
  ]);
});

test('what was read by another table of keys is forgotten', () => {
  const model = new FlameModel();
  linesOf(model.at(moment(new KeyTable(), [3, 2, 7, 1, 0, 0])));
  expect(linesOf(model.at(moment(new KeyTable(), [0, 0, 0, 0, 0, 4])))[1]).toBe(' label bash 4 0');
});
