import { describe, expect, test } from 'vitest';
import { readStatusList, statusAt } from '../../src/revocation/status-list.js';
import { readJson } from '../support.js';

interface Case {
  id: string;
  statusList: unknown;
  statuses?: number[];
  at?: Record<string, number | null>;
}

const { maxInflatedBytes, cases } = readJson('../vectors/status-lists.json') as {
  maxInflatedBytes: number;
  cases: Case[];
};
const isRefused = ({ statuses, at }: Case): boolean => statuses === undefined && at === undefined;

describe('vectors/status-lists.json', () => {
  test.each(cases.filter((each) => !isRefused(each)))('$id is read', async ({ statusList, statuses, at }) => {
    const list = await readStatusList(statusList, maxInflatedBytes);
    const found = (statuses ?? []).map((_, index) => statusAt(list, index));
    expect(found).toEqual(statuses ?? []);
    if (statuses !== undefined) expect(statusAt(list, statuses.length)).toBeUndefined();
    for (const [index, status] of Object.entries(at ?? {}))
      expect(statusAt(list, Number(index)) ?? null).toBe(status);
  });

  test.each(cases.filter(isRefused))('$id is refused', async ({ statusList }) => {
    await expect(readStatusList(statusList, maxInflatedBytes)).rejects.toMatchObject({
      code: 'ERR_MANDATE_STATUS_INVALID',
    });
  });
});
