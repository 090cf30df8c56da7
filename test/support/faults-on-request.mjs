/** Loaded before a program: makes the mistakes in it that its parent asks for. */

process.on('message', (kind) => {
  if (kind === 'reject') void Promise.reject(new Error('a promise that a test breaks'));
  if (kind !== 'throw') return;
  setTimeout(() => {
    throw new Error('a mistake that a test makes');
  });
});
// Listening alone keeps no program from its end.
process.channel?.unref();
