/** The version of Isocurve, from its package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './places';

const content = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
  version: string;
};

export const version = content.version;
