/** The network that weights are of, as far as it is chosen by hand. */

import type { resnetSkips } from '../../shared/spec/model';

export interface NetworkChoice {
  readonly depth: number;
  readonly width: number;
  readonly skip: (typeof resnetSkips)[number];
}
