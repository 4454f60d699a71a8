/** The first rows of a table, found without sorting all, are the first of all sorted. */

import { expect, test } from 'vitest';
import { fuzzySearch } from '../../../tui/models/fuzzy.ts';
import { History } from '../../../tui/models/history.ts';
import { buildTable, tableColumns } from '../../../tui/models/table.ts';
import { countMap } from './fake-services.ts';

const NAMES = Array.from({ length: 60 }, (_, index) => `task${(index * 37) % 60}`);
const history = new History(1 << 20);
for (const tick of [0, 1]) {
  const map = countMap('@', tick, NAMES);
  // Many of the same value: what is equal has its order, too.
  const entries = map.entries.map(({ key, value }, index) => ({
    ...(key !== undefined && { key }),
    value: index % 3 === 0 ? 1000 * (tick + 1) : value,
  }));
  history.push({
    timeMs: tick * 1000,
    elapsedMs: tick * 1000,
    maps: [{ ...map, entries }],
    lostEvents: 0,
    probes: [],
  });
}
const moments = history.mapHistory('@', 1, 2);
const columns = tableColumns(moments[1]?.map ?? expect.fail('no map'), { map: '@' }, ['comm', 'pid']);

test('a part named - is no column, and the others stay what they are', () => {
  const map = moments[1]?.map ?? expect.fail('no map');
  const titles = (...names: string[]) =>
    tableColumns(map, { map: '@', columns: names.map((title) => ({ title })) }, ['comm', 'pid']).map(
      ({ title, part }) => `${title} ${part}`,
    );
  expect(titles('process', 'pid', 'calls')).toEqual(['PROCESS 0', 'PID 1', 'CALLS 0']);
  expect(titles('-', 'pid', 'calls')).toEqual(['PID 1', 'CALLS 0']);
});

for (const { id } of columns)
  for (const isDescending of [true, false])
    test(`by ${id} ${isDescending ? 'down' : 'up'}`, () => {
      const query = { sort: id, isDescending, filter: undefined };
      const rows = (first: number | undefined, count: number) => {
        const table = buildTable(moments, columns, first === undefined ? query : { ...query, first });
        return Array.from({ length: count }, (_, position) => table.row(position)?.keyNumber);
      };
      const all = rows(undefined, 62);
      expect(new Set(all).size).toBe(61);
      for (const first of [1, 7, 29, 30, 60]) {
        expect(rows(first, first)).toEqual(all.slice(0, first));
        expect(rows(first, 62)).toEqual(all);
      }
    });

test.each([
  ['tcprt', ['tcpretrans'], ''],
  ['rts', ['tcpretrans'], ''],
  ['retransmitted', ['tcpretrans'], 'by a word of the description'],
  ['sba', ['tcpretrans'], 'by first letters of the description'],
  ['sgai', [], 'not by letters anywhere in the description'],
])('the picker finds %s: %j %s', (query, expected) => {
  const tools = [{ name: 'tcpretrans', summary: 'segments retransmitted by address again' }];
  expect(fuzzySearch(query, tools, ({ name, summary }) => [name, summary]).map(({ name }) => name)).toEqual(expected);
});
