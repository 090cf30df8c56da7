/** A study for tests that interrupt it: no machine comes to its end while a test lasts. */

import { SMALL_STUDY } from './small-study';

export const ENDLESS_STUDY = {
  ...SMALL_STUDY,
  name: 'endless',
  question: 'Does it ever end?',
  base: {
    ...SMALL_STUDY.base,
    recipe: {
      epochs: 100_000,
      batch: 256,
      warmup: 2,
      checkpointEvery: 1_000_000,
      learningRate: 0.02,
    },
  },
};
