import { expect, test } from 'vitest';
import { errnoName } from '../../../native/native-error.ts';

test.each([
  [1, 'EPERM'],
  [11, 'EAGAIN'],
  [95, 'EOPNOTSUPP'],
  [524, 'ENOTSUPP'],
  [4000, 'errno 4000'],
])('errno %i is %s', (errno, name) => {
  expect(errnoName(errno)).toBe(name);
});
