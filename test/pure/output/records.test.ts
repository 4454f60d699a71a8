import { describe, expect, test } from 'vitest';
import { renderDiagnostic } from '../../../src/diagnostics/render.ts';
import { createCsvOutput } from '../../../src/output/csv-output.ts';
import { createFoldedOutput } from '../../../src/output/folded-output.ts';
import { createJsonOutput } from '../../../src/output/json-output.ts';
import type { Output } from '../../../src/output/output.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import { createTextOutput } from '../../../src/output/text-output.ts';
import * as t from './support.ts';

class Collector {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

interface Streams {
  readonly out: string;
  readonly errors: string;
}

type Format = 'text' | 'json' | 'csv' | 'folded';

function run(
  format: Format,
  act: (output: Output) => void,
  options: { isQuiet?: boolean; hidesWarnings?: boolean } = {},
): Streams {
  const out = new Collector();
  const errors = new Collector();
  const text = createTextOutput({ out, errors, style: RAW_STYLE, render: renderDiagnostic, ...options });
  const toErrors = createTextOutput({ out: errors, errors, style: RAW_STYLE, render: renderDiagnostic, ...options });
  const outputs: { readonly [F in Format]: () => Output } = {
    text: () => text,
    json: () => createJsonOutput({ out, ...options }),
    csv: () => createCsvOutput(out, text),
    folded: () => createFoldedOutput(out, RAW_STYLE, toErrors),
  };
  act(outputs[format]());
  return { out: out.text, errors: errors.text };
}

const place = t.spanOf('begin { @m[3]=1; }', '@m[3]=1');

type Row = readonly [title: string, act: (output: Output) => void, text: Streams, json: string];

const ROWS: readonly Row[] = [
  [
    'one probe',
    (o) => o.attachedProbes(1),
    { out: '', errors: 'Attached 1 probe\n' },
    '{"type": "attached_probes", "count": 1, "data": {"probes": 1}}\n',
  ],
  [
    'many probes',
    (o) => o.attachedProbes(3),
    { out: '', errors: 'Attached 3 probes\n' },
    '{"type": "attached_probes", "count": 3, "data": {"probes": 3}}\n',
  ],
  [
    'printf',
    (o) => o.message('printf', 'hi 3\n'),
    { out: 'hi 3\n', errors: '' },
    '{"type": "printf", "data": "hi 3\\n"}\n',
  ],
  ['system', (o) => o.message('syscall', 'x\n'), { out: 'x\n', errors: '' }, '{"type": "syscall", "data": "x\\n"}\n'],
  ['time', (o) => o.message('time', '2026\n'), { out: '2026\n', errors: '' }, '{"type": "time", "data": "2026\\n"}\n'],
  ['value', (o) => o.value(t.int(), 5), { out: '5\n', errors: '' }, '{"type": "value", "data": 5}\n'],
  [
    'map',
    (o) => o.map(t.scalar('@x', t.int(), 5), {}),
    { out: '@x: 5\n', errors: '' },
    '{"type": "map", "data": {"@x": 5}}\n',
  ],
  ['empty map', (o) => o.map(t.keyed('@x', t.int(), t.int()), {}), { out: '', errors: '' }, ''],
  [
    'errorf',
    (o) => o.report('errorf', 'bad 1', place),
    { out: '', errors: 'stdin:1:9-16: ERROR: bad 1\n' },
    '{"type": "errorf", "msg": "bad 1", "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [
    'helper error',
    (o) => o.helperError({ message: 'Bad address', helper: 'probe_read_str', code: -14, span: place }),
    {
      out: '',
      errors:
        'stdin:1:9-16: WARNING: Bad address\nAdditional Info - helper: probe_read_str, retcode: -14\nbegin { @m[3]=1; }\n        ~~~~~~~\n',
    },
    '{"type": "helper_error", "msg": "Bad address", "helper": "probe_read_str", "retcode": -14, "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [
    'runtime error',
    (o) => o.runtimeError('Divide or modulo by 0 detected.', place),
    {
      out: '',
      errors: 'stdin:1:9-16: WARNING: Divide or modulo by 0 detected.\nbegin { @m[3]=1; }\n        ~~~~~~~\n',
    },
    '{"type": "runtime_error", "msg": "Divide or modulo by 0 detected.", "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [
    'lost events',
    (o) => o.lostEvents(3),
    { out: '', errors: 'Lost 3 events\n' },
    '{"type": "lost_events", "count": 3, "data": {"events": 3}}\n',
  ],
  ['the end', (o) => o.endOfRun(), { out: '\n\n', errors: '' }, ''],
];

describe('records', () => {
  test.each(ROWS)('%s', (_, act, text, json) => {
    expect(run('text', act)).toEqual(text);
    expect(run('json', act)).toEqual({ out: json, errors: '' });
  });

  test('-q and --no-warnings', () => {
    const act = (o: Output): void => {
      o.attachedProbes(1);
      o.report('warnf', 'w', place);
      o.runtimeError('r', place);
    };
    expect(run('text', act, { isQuiet: true, hidesWarnings: true })).toEqual({ out: '', errors: '' });
    expect(run('json', act, { isQuiet: true, hidesWarnings: true })).toEqual({ out: '', errors: '' });
  });
});

describe('csv', () => {
  test.each<readonly [string, (output: Output) => void, string]>([
    ['one key', (o) => o.map(t.keyed('@x', t.string, t.int(), ['a,"b"', 1]), {}), 'map,key,value\n@x,"a,""b""",1\n'],
    [
      'several keys',
      (o) => o.map(t.keyed('@x', t.tuple(t.int(), t.string), t.int(), [[7, 'a'], 1]), {}),
      'map,key1,key2,value\n@x,7,a,1\n',
    ],
    ['scalar', (o) => o.map(t.scalar('@x', t.int(), 1), {}), 'map,value\n@x,1\n'],
    [
      'histogram',
      (o) => o.map(t.scalar('@h', t.hist(), t.histogram(0, 1, 2)), {}),
      'map,min,max,count\n@h,,-1,1\n@h,0,0,2\n',
    ],
    [
      'stats',
      (o) => o.map(t.scalar('@s', { kind: 'stats', isSigned: true }, t.average(2, 3, 6)), {}),
      'map,count,average,total\n@s,2,3,6\n',
    ],
    [
      'the header stands only where columns change',
      (o) => {
        o.map(t.scalar('@x', t.int(), 1), {});
        o.map(t.scalar('@y', t.int(), 2), {});
      },
      'map,value\n@x,1\n@y,2\n',
    ],
    ['printf passes', (o) => o.message('printf', 'x\n'), 'x\n'],
  ])('%s', (_, act, out) => {
    expect(run('csv', act)).toEqual({ out, errors: '' });
  });
});

describe('folded', () => {
  const count = { kind: 'count' } as const;

  test.each<readonly [string, (output: Output) => void, Streams]>([
    [
      'user stack',
      (o) => o.map(t.keyed('@', t.stackType(), count, [t.stack('f+1', 'main+5', '0x7f11'), 3]), {}),
      { out: '0x7f11;main;f 3\n', errors: '' },
    ],
    [
      'name before the frames, kernel frames marked',
      (o) =>
        o.map(
          t.keyed('@', t.tuple(t.string, t.stackType('bpftrace', false)), count, [
            ['a;b', { ...t.stack('read+1'), isUser: false }],
            2,
          ]),
          {},
        ),
      { out: 'a:b;read_[k] 2\n', errors: '' },
    ],
    [
      'other maps and text stay out of the way',
      (o) => o.map(t.scalar('@x', t.int(), 1), {}),
      { out: '', errors: '@x: 1\n' },
    ],
  ])('%s', (_, act, streams) => {
    expect(run('folded', act)).toEqual(streams);
  });
});
