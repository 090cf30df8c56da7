/** Reads a surface that h5py wrote. */

import { readFileSync } from 'node:fs';
import h5wasm, { type Dataset } from 'h5wasm';

export async function readOracleSurface(path: string) {
  const { FS } = await h5wasm.ready;
  FS.writeFile('/oracle.h5', readFileSync(path));
  const file = new h5wasm.File('/oracle.h5', 'r');
  const values = (name: string) => [...((file.get(name) as Dataset).value as Float64Array)];
  const surface = {
    x: values('xcoordinates'),
    y: values('ycoordinates'),
    losses: values('train_loss'),
  };
  file.close();
  return surface;
}
