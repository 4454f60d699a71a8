/** Commands of time: pausing, stepping through what has been kept, recording. */

import type { Command, CommandContext } from './command.ts';

const hasPanel = ({ dashboard }: CommandContext) => dashboard.panel !== undefined;

export const TIME_COMMANDS: readonly Command[] = [
  {
    name: 'pause',
    keys: ['p', 'space'],
    group: 'Time',
    help: 'Pause, and go on',
    hint: [8, 'pause'],
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.togglePause();
      return undefined;
    },
  },
  {
    name: 'stepback',
    keys: ['left'],
    group: 'Time',
    help: 'One refresh back in time',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.stepTime(-1);
      return undefined;
    },
  },
  {
    name: 'stepforward',
    keys: ['right'],
    group: 'Time',
    help: 'One refresh forward in time',
    isAvailable: ({ dashboard }) => dashboard.isPaused,
    run: ({ dashboard }) => {
      dashboard.stepTime(1);
      return undefined;
    },
  },
  {
    name: 'oldest',
    keys: ['home'],
    group: 'Time',
    help: 'The oldest refresh kept',
    isAvailable: hasPanel,
    run: ({ dashboard }) => {
      dashboard.firstMoment();
      return undefined;
    },
  },
  {
    name: 'newest',
    keys: ['end'],
    group: 'Time',
    help: 'The newest data',
    isAvailable: ({ dashboard }) => dashboard.isPaused,
    run: ({ dashboard }) => {
      dashboard.lastMoment();
      return undefined;
    },
  },
  {
    name: 'faster',
    keys: ['-'],
    group: 'Time',
    help: 'Refresh more often; replay faster',
    run: ({ dashboard }) => {
      dashboard.changePace(0.5);
      return undefined;
    },
  },
  {
    name: 'slower',
    keys: ['+', '='],
    group: 'Time',
    help: 'Refresh less often; replay slower',
    run: ({ dashboard }) => {
      dashboard.changePace(2);
      return undefined;
    },
  },
  {
    name: 'interval',
    keys: [],
    group: 'Time',
    help: 'Refresh every so many seconds',
    argument: { name: 'SECONDS', isRequired: true },
    run: ({ dashboard }, argument) => {
      const seconds = Number(argument);
      if (!(seconds >= 0.1 && seconds <= 3600)) return 'interval takes seconds from 0.1 to 3600';
      dashboard.setInterval(seconds * 1000);
      return undefined;
    },
  },
  {
    name: 'speed',
    keys: [],
    group: 'Time',
    help: 'Replay at so many times the recorded speed',
    argument: { name: 'FACTOR', isRequired: true },
    isAvailable: ({ dashboard }) => dashboard.timeline !== undefined,
    run: ({ dashboard }, argument) => {
      const factor = Number(argument);
      if (!(factor > 0) || dashboard.timeline === undefined) return 'speed takes a factor, in a replay';
      dashboard.timeline.setSpeed(factor);
      return undefined;
    },
  },
  {
    name: 'record',
    keys: [],
    group: 'Time',
    help: 'Record all panels to a file; without a file, stop recording',
    argument: { name: 'FILE' },
    run: ({ dashboard, shell }, argument) => {
      if (argument === '' && dashboard.recordingName === undefined) return 'record takes a file name';
      if (argument === '') shell.stopRecording();
      else shell.startRecording(argument);
      return undefined;
    },
  },
];
