/** The reader as a user at a terminal has it: whatever path is given is their own. */

import * as reader from '../../main/host/reader';
import { usersOwn } from '../../main/native/paths';
import type { TakeOptions } from '../../shared/spec/dataset';

export const inspectFile = (path: string) => reader.inspectFile(usersOwn(path));
export const takeWeights = (path: string) => reader.takeWeights(usersOwn(path));
export const takeDirections = (path: string) => reader.takeDirections(usersOwn(path));
export const takeSurface = (path: string) => reader.takeSurface(usersOwn(path));
export const takeDataset = (path: string, options: TakeOptions) =>
  reader.takeDataset(usersOwn(path), options);
