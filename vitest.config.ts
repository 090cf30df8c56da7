import { transform } from 'esbuild';
import { compileModule } from 'svelte/compiler';
import { defineConfig } from 'vitest/config';

/** Compiles state with runes as the app's build does. */
const runes = {
  name: 'runes',
  enforce: 'pre',
  async transform(code: string, id: string) {
    if (!id.endsWith('.svelte.ts')) return null;
    const stripped = await transform(code, { loader: 'ts', target: 'esnext' });
    return compileModule(stripped.code, { filename: id, generate: 'client' }).js;
  },
} as const;

export default defineConfig({
  plugins: [runes],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // A second tfjs instance in a thread fails, so files run in processes; two of them fill two
    // cores.
    pool: 'forks',
    maxWorkers: 2,
    // Patience costs only where something is wrong: tests wait for states, on slow machines longer.
    testTimeout: 15 * 60_000,
    hookTimeout: 15 * 60_000,
    expect: { poll: { timeout: 5 * 60_000 } },
    env: { TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
  },
});
