/** For svelte-check and editors; `build.mjs` compiles. */
export default { compilerOptions: { runes: true } };
