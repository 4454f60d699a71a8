import { describe, expect, test } from 'vitest';
import { compileScript } from '../../../src/run/compile-script.ts';
import { DEFAULT_OPTIONS } from '../../../src/semantics/compile-options.ts';
import { recordedFacts } from '../../support/recorded-facts.ts';

const { features } = recordedFacts();
const functions = {
  list: () => ['one', 'one_more', 'two'].map((name) => ({ name, module: 'vmlinux' })),
  isTraceable: () => 'yes' as const,
  address: () => undefined,
};
const facts = recordedFacts({ functions, features: { ...features, hasKfunc: () => true } });

function attachments(text: string, disabledFeatures: readonly string[] = []) {
  const options = { ...DEFAULT_OPTIONS, disabledFeatures };
  const { object, diagnostics } = compileScript({ name: 'stdin', text }, facts, options);
  expect(diagnostics).toEqual([]);
  return object?.programs.map((program) =>
    [program.expectedAttachType, ...program.attachments.map(({ kind }) => kind)].join(' '),
  );
}

const SESSION = 'trace_kprobe_session kprobeSession';
const MULTI = 'trace_kprobe_multi kprobeMulti';

describe('kprobe and kretprobe of the same functions', () => {
  test.each<[what: string, script: string, expected: readonly string[]]>([
    ['are a session', 'kprobe:one* { @++; } kretprobe:one* { @--; }', [SESSION]],
    ['in either order', 'kretprobe:one* { @--; } kprobe:one* { @++; }', [SESSION]],
    ['however they are written', 'kprobe:one,kprobe:one_more { @++; } kretprobe:one* { @--; }', [SESSION]],
    ['not so with others', 'kprobe:one* { @++; } kretprobe:* { @--; }', [MULTI, MULTI]],
    ['not so one by one', 'kprobe:one { @++; } kretprobe:one { @--; }', [' perf', ' perf']],
    ['nor if their order matters', 'k:one* { @++; } k:one* { @b++; } kr:one* { @--; }', [MULTI, MULTI, MULTI]],
  ])('%s', (_, script, expected) => expect(attachments(script)).toEqual(expected));

  test('--no-feature does without', () => {
    const script = 'kprobe:one* { @++; } kretprobe:one* { @--; }';
    expect(attachments(script, ['kprobe_session'])).toEqual([MULTI, MULTI]);
    expect(attachments(script, ['kprobe_session', 'kprobe_multi'])).toEqual([' perf perf', ' perf perf']);
  });
});
