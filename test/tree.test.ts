import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Files of the project that git knows or would take. */
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));

const sources = files.filter((path) => /^(main|shared|renderer)\/.*\.(ts|svelte)$/.test(path));

const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)].map((match) => match[1]);

/** Where an import of `path` leads: a path from the root, or a package. */
const target = (path: string, specifier: string): string =>
  specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : specifier;

/** The layer of a file, and which layers it may import from. */
const ARROWS: readonly [layer: string, allowed: readonly string[]][] = [
  ['shared/', ['shared/']],
  ['main/native/', ['main/native/', 'shared/']],
  ['main/engine/', ['main/engine/', 'main/native/', 'shared/']],
  ['main/host/', ['main/host/', 'main/native/', 'shared/']],
  ['main/server/', ['main/server/', 'main/host/', 'main/native/', 'shared/']],
  ['main/electron/', ['main/electron/', 'main/host/', 'main/native/', 'shared/']],
  ['main/cli/', ['main/cli/', 'main/server/', 'main/host/', 'main/native/', 'shared/']],
  ['renderer/', ['renderer/', 'shared/']],
];

describe('who may import whom', () => {
  test.each(ARROWS)('%s only looks where it may', (layer, allowed) => {
    const wrong = sources
      .filter((path) => path.startsWith(layer))
      .flatMap((path) =>
        importsOf(path)
          .map((specifier) => target(path, specifier))
          .filter((to) => /^(main|shared|renderer)\//.test(to))
          .filter((to) => !allowed.some((prefix) => to.startsWith(prefix)))
          .map((to) => `${path} → ${to}`),
      );
    expect(wrong).toEqual([]);
  });

  test('shared knows neither Node nor tensors', () => {
    const wrong = sources
      .filter((path) => path.startsWith('shared/'))
      .flatMap((path) => importsOf(path).map((to) => `${path} → ${to}`))
      .filter((arrow) => /→ (node:|@tensorflow)/.test(arrow));
    expect(wrong).toEqual([]);
  });

  test('nobody but a shell imports electron', () => {
    const wrong = sources.filter((path) => importsOf(path).includes('electron'));
    expect(wrong.filter((path) => !path.startsWith('main/electron/'))).toEqual([]);
  });
});

describe('what is written', () => {
  const texts = files.filter((path) => path.endsWith('.md'));

  test('every link to a file leads to one', () => {
    const broken = texts.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
        .map((match) => normalize(join(dirname(path), match[1])))
        .filter((to) => !existsSync(to))
        .map((to) => `${path} → ${to}`),
    );
    expect(broken).toEqual([]);
  });

  test('the README has the two commands, and they are scripts', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(readme).toContain('npm install && npm start');
    expect(readme).toContain('npm install && npm test');
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining(['start', 'isocurve', 'package', 'test']),
    );
  });

  test('every preset is a study file that checks', async () => {
    const { checkStudy } = await import('../shared/spec/study');
    const presets = files.filter((path) => path.startsWith('assets/presets/'));
    expect(presets).toHaveLength(6);
    for (const path of presets) checkStudy(JSON.parse(readFileSync(path, 'utf8')), path);
  });

  test('no hand-written file is left that says it is unfinished', () => {
    const marks = /\b(TODO|FIXME|XXX)\b/;
    const unfinished = sources.filter((path) => marks.test(readFileSync(path, 'utf8')));
    expect(unfinished).toEqual([]);
  });
});
