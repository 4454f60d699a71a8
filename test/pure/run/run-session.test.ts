import { describe, expect, test } from 'vitest';
import type { BpfObject } from '../../../src/codegen/object.ts';
import { renderDiagnostic } from '../../../src/diagnostics/render.ts';
import { RAW_STYLE } from '../../../src/output/style.ts';
import { createTextOutput } from '../../../src/output/text-output.ts';
import { runSession } from '../../../src/run/run-session.ts';
import type { Action, MapSymbol } from '../../../src/semantics/program.ts';
import type { AttachProgress, Session } from '../../../src/session/session.ts';
import type { MapSnapshot, SessionEvent, Value } from '../../../src/session/snapshot.ts';
import * as t from '../output/support.ts';

type Step = readonly [action: Action, ...args: readonly Value[]];

let nextId = 0;
type Described = Action extends infer A ? (A extends Action ? Omit<A, 'id' | 'span' | 'args'> : never) : never;

function action(described: Described, ...args: Action['args']): Action {
  return { ...described, id: nextId++, args, span: t.spanOf('begin { x }', 'x') } as Action;
}

const symbolOf = (name: string): MapSymbol => ({
  id: 0,
  name,
  valueType: t.int(),
  storage: 'auto',
  maxEntries: 1,
  span: t.spanOf(name, name),
});

const say = action({ kind: 'printf', format: t.format('%s\n') }, t.string);
const exit = action({ kind: 'exit' }, t.int(32));
const print = action({ kind: 'print' }, t.int());
const printX = action({ kind: 'printMap', map: symbolOf('@x'), top: 0, div: 0n });
const clearX = action({ kind: 'clear', map: symbolOf('@x') });
const zeroX = action({ kind: 'zero', map: symbolOf('@x') });
const join = action({ kind: 'join', separator: ',' }, t.array(t.string, 3));
const system = action({ kind: 'system', format: t.format('%s') }, t.string);
const cat = action({ kind: 'cat', format: t.format('%s') }, t.string);
const time = action({ kind: 'time', format: 'now\n' });

/** What the fake kernel does: events per poll, then maps as they stand at the end. */
interface Script {
  readonly polls: readonly (readonly Step[])[];
  /** Polled after the probes are gone. */
  readonly atEnd?: readonly Step[];
  readonly maps?: readonly MapSnapshot[];
  readonly lost?: readonly number[];
  readonly isLasting?: boolean;
  readonly printMapsOnExit?: boolean;
  readonly attaching?: (progress: AttachProgress | undefined) => Promise<void>;
}

class FakeSession implements Session {
  readonly object: BpfObject;
  readonly log: string[] = [];
  lostEvents = 0;
  readonly #script: Script;
  readonly #polls: (readonly Step[])[];
  #maps: MapSnapshot[];
  #polled = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#polls = [...script.polls];
    this.#maps = [...(script.maps ?? [])];
    const steps = [...script.polls.flat(), ...(script.atEnd ?? [])];
    this.object = {
      config: { printMapsOnExit: script.printMapsOnExit ?? true, maxCatBytes: 5 },
      actions: [...new Set(steps.map(([used]) => used))].map((used) => ({ action: used, encoding: 'fixed' })),
      programs: [
        {
          attachments: [
            script.isLasting === false ? { kind: 'run', sites: [{ provider: 'begin' }] } : { kind: 'perf' },
          ],
        },
      ],
      userMaps: this.#maps.map(({ name }) => ({ symbol: symbolOf(name) })),
    } as unknown as BpfObject;
  }

  async start(progress?: AttachProgress): ReturnType<Session['start']> {
    if (this.#script.attaching) await this.#script.attaching(progress);
    return { probes: 2, warnings: [] };
  }

  poll(): readonly SessionEvent[] {
    const steps = this.#polls.shift() ?? [];
    this.lostEvents += this.#script.lost?.[this.#polled++] ?? 0;
    return steps.map(([used, ...args]) => ({ action: used, args }));
  }

  async wait(): Promise<void> {
    if (this.#polls.length === 0) process.emit('SIGINT', 'SIGINT');
    await new Promise((resolve) => setImmediate(resolve));
  }

  snapshot(names?: readonly string[]): ReturnType<Session['snapshot']> {
    const maps = this.#maps.filter(({ name }) => names?.includes(name) ?? true);
    return { timeMs: 0, elapsedMs: 0, maps, lostEvents: 0, probes: [] };
  }

  clear(name: string): void {
    this.#maps = this.#maps.map((map) => (map.name === name ? { ...map, entries: [] } : map));
  }

  unwatch(address: bigint): void {
    this.log.push(`unwatch ${address}`);
  }

  zero(name: string): void {
    this.#maps = this.#maps.map((map) =>
      map.name === name ? { ...map, entries: map.entries.map((entry) => ({ ...entry, value: 0 })) } : map,
    );
  }

  signal(name: string): void {
    this.log.push(name);
  }

  async stop(): Promise<void> {
    this.log.push('stop');
    this.#polls.length = 0;
    if (this.#script.atEnd) this.#polls.push(this.#script.atEnd);
  }

  async close(): Promise<void> {
    this.log.push('close');
  }
}

class Sink {
  text = '';
  readonly isFull = false;
  failure: NodeJS.ErrnoException | undefined;
  write(text: string): void {
    this.text += text;
  }
  flush(): void {}
  async drain(): Promise<void> {}
  async settle(): Promise<void> {}
}

interface Outcome {
  readonly out: string;
  readonly errors: string;
  readonly status: number;
  readonly log: readonly string[];
}

async function run(script: Script, options: Partial<Parameters<typeof runSession>[0]> = {}): Promise<Outcome> {
  const session = new FakeSession(script);
  const out = new Sink();
  const errors = new Sink();
  const output = createTextOutput({ out, errors, style: RAW_STYLE, render: renderDiagnostic });
  const complain: Parameters<typeof runSession>[0]['complain'] = (diagnostic) =>
    errors.write(`${diagnostic.severity}: ${diagnostic.message}\n`);
  const status = await runSession({ session, output, out, errors, complain, ...options });
  return { out: out.text, errors: errors.text, status, log: session.log };
}

const x5 = t.scalar('@x', t.int(), 5);

describe('attaching', () => {
  test('that takes more than a second says how far it is, once a second', async () => {
    let timeMs = 0;
    const told: string[] = [];
    await run(
      {
        polls: [],
        isLasting: false,
        attaching: async (progress) => {
          for (let attached = 1; attached <= 30; attached++) {
            timeMs += 100;
            progress?.(attached, 340);
          }
        },
      },
      { now: () => timeMs, tell: (text) => told.push(text) },
    );
    expect(told).toEqual([10, 20, 30].map((attached) => `Attaching: ${attached} of 340 probes so far\n`));
  });

  test('is left off by a signal', async () => {
    const attaching = () => {
      process.emit('SIGINT', 'SIGINT');
      return new Promise<never>(() => {});
    };
    expect(await run({ polls: [], attaching })).toEqual({ out: '', errors: '', status: 0, log: ['close'] });
  });
});

describe('a run', () => {
  test('attached message, events, end probes, two empty lines, maps by name', async () => {
    const outcome = await run({
      polls: [[[say, 'a']], [[say, 'b']]],
      atEnd: [[say, 'end']],
      maps: [t.scalar('@z', t.int(), 1), t.scalar('@A', t.int(), 2), t.scalar('@', t.int(), 3)],
    });
    expect(outcome).toEqual({
      out: 'a\nb\nend\n\n\n@: 3\n@A: 2\n@z: 1\n',
      errors: 'Attached 2 probes\n',
      status: 0,
      log: ['stop', 'close'],
    });
  });

  test('exit gives the status; what came later is dropped, the end probes still speak', async () => {
    const outcome = await run({
      polls: [
        [
          [say, 'a'],
          [exit, 7],
          [say, 'late'],
        ],
      ],
      atEnd: [[say, 'end']],
    });
    expect(outcome.out).toBe('a\nend\n\n\n');
    expect(outcome.status).toBe(7);
  });

  test('after exit only the actions of end probes count', async () => {
    const other = action({ kind: 'printf', format: t.format('other %s\n') }, t.string);
    const script: Script = {
      polls: [
        [
          [say, 'a'],
          [exit, 0],
        ],
      ],
      atEnd: [
        [other, 'late'],
        [say, 'end'],
      ],
    };
    const outcome = await run(script, { endActions: () => new Set([say.id]) });
    expect(outcome.out).toBe('a\nend\n\n\n');
  });

  test('only begin and end probes: ends by itself, events of begin are printed', async () => {
    const outcome = await run({ polls: [], atEnd: [[say, 'begin']], isLasting: false });
    expect(outcome.out).toBe('begin\n\n\n');
  });

  test('actions happen in order, at the time of their event', async () => {
    const outcome = await run({
      polls: [
        [
          [print, 1],
          [printX],
          [zeroX],
          [printX],
          [clearX],
          [printX],
          [system, 'echo hi'],
          [time],
          [join, ['a', 'b', '']],
          [say, 'z'],
        ],
      ],
      maps: [x5],
    });
    expect(outcome.out).toBe('1\n@x: 5\n@x: 0\n@x: 0\nhi\n\nnow\na,b\nz\n\n\n');
  });

  test('cat prints at most max_cat_bytes, and says what it cannot open', async () => {
    const outcome = await run({
      polls: [
        [
          [cat, '/proc/self/comm'],
          [cat, '/no/such/file'],
        ],
      ],
    });
    expect(outcome.out).toHaveLength(5 + 2);
    expect(outcome.errors).toContain("failed to open file '/no/such/file': No such file or directory");
  });

  test('a command that fails is reported', async () => {
    const outcome = await run({ polls: [[[system, 'echo x; exit 3']]] });
    expect(outcome.out).toBe('x\n\n\n\n');
    expect(outcome.errors).toContain('system("echo x; exit 3"): exited with status 3');
  });

  test('losses are said as they happen and in all', async () => {
    const outcome = await run({ polls: [[[say, 'a']], [[say, 'b']]], lost: [3, 2] });
    expect(outcome.errors).toBe(
      'Attached 2 probes\nLost 3 events\nLost 2 events\nwarning: Lost 5 events in all: the output is incomplete\n',
    );
  });

  test('print_maps_on_exit=false', async () => {
    expect((await run({ polls: [], maps: [x5], printMapsOnExit: false })).out).toBe('\n\n');
  });

  test('dry run: attached, then closed', async () => {
    const outcome = await run({ polls: [[[say, 'a']]], maps: [x5] }, { isDryRun: true });
    expect(outcome).toEqual({ out: '', errors: 'Attached 2 probes\n', status: 0, log: ['close'] });
  });

  test('the notice comes after the attached message', async () => {
    const lines: string[] = [];
    await run({ polls: [] }, { notifyAttached: () => lines.push('attached') });
    expect(lines).toEqual(['attached']);
  });

  test('SIGUSR1 runs the probes of the script', async () => {
    const pending = run({ polls: [[], []] }, { notifyAttached: () => process.emit('SIGUSR1', 'SIGUSR1') });
    expect((await pending).log).toEqual(['SIGUSR1', 'stop', 'close']);
  });

  test('-i prints and clears, --once prints and ends', async () => {
    let clock = 0;
    const now = (): number => (clock += 1000);
    const repeated = await run({ polls: [[], []], maps: [x5] }, { intervalMs: 1500, now });
    expect(repeated.out).toBe('@x: 5\n\n\n');
    clock = 0;
    const once = await run({ polls: [[], [], []], maps: [x5] }, { isOnce: true, now });
    expect(once.out).toBe('@x: 5\n\n\n');
  });

  test('a child is released once attached, its end ends the run, its status is its own', async () => {
    const calls: string[] = [];
    const child = {
      pid: 1,
      hasEnded: true,
      ended: Promise.resolve(4),
      release: () => calls.push('release'),
      terminate: () => calls.push('terminate'),
    };
    const outcome = await run({ polls: [] }, { child });
    expect(calls).toEqual(['release', 'terminate']);
    expect(outcome.status).toBe(0);
  });

  test('the end of the process of -p ends the run', async () => {
    expect((await run({ polls: [[[say, 'a']]] }, { process: { isRunning: false } })).out).toBe('a\n\n\n');
  });
});
