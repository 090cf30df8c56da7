/**
 * The programs that provisioning borrows from the machine: Python for pip, a C++ compiler, the
 * NVIDIA driver.
 */

import { execFile, spawn } from 'node:child_process';

/** The output of a short command, or null when it is missing or fails. */
export const probe = (command: string, args: string[]): Promise<string | null> =>
  new Promise((resolve) => {
    execFile(command, args, { timeout: 20000 }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });

/** A Python that has pip, or null. */
export async function findPython(): Promise<string | null> {
  for (const name of ['python3', 'python', 'py']) {
    if ((await probe(name, ['-m', 'pip', '--version'])) !== null) return name;
  }
  return null;
}

/** A C++17 compiler, or null. */
export async function findCompiler(): Promise<string | null> {
  for (const name of [process.env['CXX'], 'g++', 'c++', 'clang++']) {
    if (name !== undefined && (await probe(name, ['--version'])) !== null) return name;
  }
  return null;
}

/** Names of the NVIDIA cards that the driver sees. */
export async function findCards(): Promise<string[]> {
  const names = await probe('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']);
  return (names ?? '').split('\n').filter((line) => line.trim() !== '');
}

/**
 * Runs a long command; rejects with the end of what it said. `signal` stops it and its children.
 */
export const run = (
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined } = {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let said = '';
    const listen = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000));
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const last = said.trim().split('\n').slice(-2).join(' ').slice(0, 300);
      reject(new Error(`${command} ended with code ${code}: ${last}`));
    });
  });
