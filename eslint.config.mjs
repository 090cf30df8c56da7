import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/** What the engine must ask of `clock.ts`, `random.ts` and `rpc.ts` instead. */
const WRAPPED = [
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'chance is an argument: take a stream of main/engine/backend/random.ts',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'time is asked of main/engine/clock.ts',
  },
  {
    selector: "MemberExpression[object.name='process'][property.name='send']",
    message: 'frames go through the wire that entry.ts serves',
  },
];

/** What writes to a terminal without a look at what it writes. */
const UNGUARDED = [
  {
    selector:
      "CallExpression[callee.property.name='write'][callee.object.property.name=/^std(out|err)$/]",
    message: 'a terminal is spoken to by main/cli/print.ts',
  },
  {
    selector: "MemberExpression[object.name='console']",
    message: 'a terminal is spoken to by main/cli/print.ts',
  },
];
/** A test that waits for a time holds on some machines; one that waits for a state on all. */
const SLEEPS = ['setTimeout', 'setInterval', 'sleep', 'waitForTimeout'].map((name) => ({
  selector: `CallExpression:matches([callee.name='${name}'], [callee.property.name='${name}'])`,
  message:
    'wait for a state: until() of test/support/until.ts, heard() or ended() of ' +
    'test/support/heard.ts, settle() of test/app/stage.ts; Hold of test/support/hold stops work',
}));
const TIMERS = ['timers/promises', 'node:timers/promises'].map((name) => ({
  name,
  message: 'tests wait for states, not for times: see test/support/until.ts',
}));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'release', '.svelte-kit'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'max-len': [
        'error',
        {
          code: 100,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['main/engine/**/*.ts', 'shared/**/*.ts'],
    ignores: ['main/engine/clock.ts', 'main/engine/parent.ts'],
    rules: { 'no-restricted-syntax': ['error', ...WRAPPED] },
  },
  {
    files: ['main/cli/**/*.ts'],
    ignores: ['main/cli/print.ts'],
    rules: { 'no-restricted-syntax': ['error', ...UNGUARDED] },
  },
  { files: ['test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['test/**/*.ts'],
    ignores: [
      'test/support/until.ts',
      'test/support/spent.ts',
      'test/bench/**',
      'test/campaign/**',
    ],
    rules: {
      'no-restricted-syntax': ['error', ...SLEEPS],
      'no-restricted-imports': ['error', { paths: TIMERS }],
    },
  },
);
