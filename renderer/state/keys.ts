/** From key presses to commands. */

import { commands, type CommandId } from '../../shared/commands';

const isMac = navigator.platform.startsWith('Mac');

/** Inputs in which nothing is written. */
const PRESSED = ['checkbox', 'radio', 'range', 'button'];

/** Where letters are for writing, or choose from a list. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    ['TEXTAREA', 'SELECT'].includes(target.tagName) ||
    (target instanceof HTMLInputElement && !PRESSED.includes(target.type)));

/** Where Space and Enter press something. */
const presses = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('button, a, summary, input, [role="option"]') !== null;

/** How an event is written in the registry: `Mod+Shift+Z`, `?`, `n`, `Space`. */
function written(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const mod = isMac ? event.metaKey : event.ctrlKey;
  if (!mod) return key;
  return `Mod+${event.shiftKey ? 'Shift+' : ''}${key.length === 1 ? key.toUpperCase() : key}`;
}

/** The command that a key press asks for, or null. */
export function commandFor(event: KeyboardEvent): CommandId | null {
  const text = written(event);
  if (!text.startsWith('Mod+')) {
    if (event.altKey || event.metaKey || event.ctrlKey || writes(event.target)) return null;
    if (text === 'Space' && presses(event.target)) return null;
    if (document.querySelector('dialog[open]') !== null) return null;
  }
  return commands.find(({ keys }) => keys === text)?.id ?? null;
}

/** Keys as this machine's keyboard names them. */
export const keysText = (keys: string): string =>
  keys
    .replace('Mod', isMac ? '⌘' : 'Ctrl')
    .replaceAll(/\+(?=.)/g, ' ')
    .replace(/^-$/, '−')
    .replace(/^(\w)$/, (k) => k.toUpperCase());
