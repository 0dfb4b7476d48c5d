// The choice of a back end itself.
import { type BackEndName, forceBackEnd, getBackEnds } from 'ap2-pq';
import { type Check, refuses, same } from '../harness.js';
import type { World } from '../world.js';

export const backEndChecks = ({ backEnds }: World): Check[] => [
  {
    name: 'getBackEnds says what was forced',
    run: async () => same(await getBackEnds(), backEnds, 'what it says'),
  },
  {
    name: 'a back end that does not exist is refused, and nothing changes',
    run: async () => {
      await refuses(forceBackEnd('openssl' as BackEndName), 'ERR_MANDATE_ARGUMENT_INVALID');
      same(await getBackEnds(), backEnds, 'the choice');
    },
  },
];
