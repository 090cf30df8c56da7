/**
 * Loaded into an engine before its own code: its work stands still where the test says, and goes
 * on when the test says. Calls are answered meanwhile. A job that is cancelled, or an engine whose
 * host is gone, is not held. Processes without a parent to speak to are left as they are.
 */

import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 10;
const file = process.env.ISOCURVE_TEST_HOLD;

/** What the test asks for: a kind of event, of what, and how many of them from then on. */
function read() {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function hold() {
  const send = process.send.bind(process);
  const immediately = globalThis.setImmediate;
  const waiting = [];
  let asked = '';
  let seen = 0;
  let looking = null;

  const goOn = () => {
    clearInterval(looking);
    looking = null;
    for (const [work, args] of waiting.splice(0)) immediately(work, ...args);
  };
  const note = ({ kind, run, surface, head }) => {
    const now = read();
    if (now !== asked) [asked, seen] = [now, 0];
    const [wanted, of, count] = asked.split(' ');
    const id = run ?? surface ?? head?.id ?? '';
    if (kind !== wanted || !id.includes(of) || ++seen !== Number(count)) return;
    looking = setInterval(() => read() !== asked && goOn(), LOOK_EVERY_MS);
  };

  process.send = (frame, ...rest) => {
    const sent = send(frame, ...rest);
    if (frame?.name === 'study/event') note(frame.data.event);
    return sent;
  };
  // A job breathes by it after each of its events.
  globalThis.setImmediate = (work, ...args) =>
    looking === null ? immediately(work, ...args) : void waiting.push([work, args]);
  process.on('message', (frame) => frame?.name === 'job/cancel' && goOn());
  process.on('disconnect', goOn);
}

if (file !== undefined && process.send !== undefined) hold();
