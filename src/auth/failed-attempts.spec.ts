import { describe, expect, it } from '@jest/globals';
import { ATTEMPTS, FailedAttempts, networkOf } from './failed-attempts.js';

describe('networkOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unknown', ''],
    ['203.0.113.7:51324', ''],
  ])('%s belongs to %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('FailedAttempts', () => {
  it('counts all who give no address together: whoever makes one up is not somebody else each time', async () => {
    const attempts = new FailedAttempts();
    for (let i = 0; i < ATTEMPTS; i++) expect(await attempts.count(`nowhere-${String(i)}`)).toBeNull();
    expect(await attempts.count('nowhere')).toBeGreaterThan(0);
    expect(await attempts.count('203.0.113.7')).toBeNull();
  });
});
