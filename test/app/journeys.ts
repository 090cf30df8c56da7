/**
 * What people do with the app, from question to figure. The same in a browser and in Electron: they
 * know a page and nothing of what shows it.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findRecipe } from '../../shared/figure/recipe';
import type { Hold } from '../support/hold/hold';
import { takeDraft } from './draft';
import { charts, inBothThemes, press, setTheme, settle, shoot, tabTo, write } from './stage';

/** Work of a study may take longer than a state of the page. */
const WORK = { timeout: 20 * 60_000 };

/** An empty workspace offers the first study; the wizard plans one, with the keyboard alone. */
export async function ask(page: Page, hold: Hold | null): Promise<void> {
  await page.getByText('No study yet').waitFor();
  await inBothThemes(page, 'library-empty');

  await takeDraft(page);
  await press(page, page.getByRole('button', { name: 'Plan my own' }));
  await page.getByRole('heading', { name: 'Which question?' }).waitFor();
  await page.getByText('weights,').first().waitFor();
  await inBothThemes(page, 'plan-question');

  await press(page, page.getByRole('button', { name: 'Next' }));
  await page.getByText('1,437 to').waitFor();
  await inBothThemes(page, 'plan-dataset');

  await press(page, page.getByRole('button', { name: 'Next' }));
  await page.getByRole('heading', { name: 'Which networks?' }).waitFor();
  // A depth no ResNet has is refused in the engine's own words, and nothing is lost.
  const depth = page.getByLabel('Depth of network 3');
  await write(page, depth, '57');
  await page.getByText('must be 6n+2').first().waitFor();
  await inBothThemes(page, 'plan-problem');
  // What follows from the plan stays in sight; the name has followed the depth.
  await page.getByRole('heading', { name: 'It will judge' }).waitFor();
  expect(await page.getByLabel('Label of network 3').inputValue()).toBe('ResNet-57, skips');
  expect(await depth.getAttribute('aria-invalid')).toBe('true');
  await write(page, depth, '56');
  await expect.poll(() => page.getByText('must be 6n+2').count()).toBe(0);
  await inBothThemes(page, 'plan-variants');

  await press(page, page.getByRole('button', { name: 'Next' }));
  await write(page, page.getByLabel('Epochs', { exact: true }), '4');
  await tabTo(page, page.getByLabel('Learning rate'));
  await page.keyboard.press('ArrowDown');
  await write(page, page.getByLabel('Rate', { exact: true }), '0.05');
  await inBothThemes(page, 'plan-training');

  await press(page, page.getByRole('button', { name: 'Next' }));
  for (const pairs of [0, 1]) {
    await write(page, page.getByLabel(/^(Pairs of d|D)irections$/).nth(pairs), '1');
  }
  for (const [i, points] of ['15', '11', '7'].entries()) {
    await write(page, page.getByLabel(/^Points( per side)?$/).nth(i), points);
    await write(page, page.getByLabel('Images').nth(i), '64');
  }
  await inBothThemes(page, 'plan-scan');

  await press(page, page.getByRole('button', { name: 'Next' }));
  await page.getByText('isocurve compare').waitFor();
  await page.getByText('On this machine:').waitFor(WORK);
  await inBothThemes(page, 'plan-review');
  // Back and forth without loss.
  await press(page, page.getByRole('button', { name: '4 Training' }));
  expect(await page.getByLabel('Epochs', { exact: true }).inputValue()).toBe('4');
  hold?.at('steps');
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
}

/** Curves stream, the study is paused and goes on, the window is reloaded, surfaces fill in. */
export async function watch(page: Page, hold: Hold | null): Promise<void> {
  await page.getByText(/Training loss at the last step/).waitFor(WORK);
  await charts(page, 1);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  // Nothing but the pause keeps it from going on.
  hold?.letGo();
  const share = () => page.locator('footer progress').getAttribute('value');
  const paused = await share();
  await shoot(page, 'watch-paused');
  await page.reload();
  // After the reload: the same curves, the same job, still paused where it was.
  await page.getByText(/Training loss at the last step/).waitFor();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  expect(await share()).toBe(paused);
  // The first such event tells what an earlier sitting measured: nothing.
  hold?.at('cells', { of: '.plane', nth: 2 });
  await press(page, page.getByRole('button', { name: 'Go on' }));
  await page.getByRole('button', { name: 'Pause' }).waitFor();

  await page.getByText(/\d+ %.*Colours are shared/).waitFor(WORK);
  await charts(page, 2);
  await inBothThemes(page, 'watch');
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('ControlOrMeta+.');
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await shoot(page, 'watch-interrupted');
  hold?.at('phase');
  await press(page, page.getByRole('button', { name: 'Resume' }));
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  hold?.letGo();
  await page.getByText('nothing is running').waitFor(WORK);
  await charts(page, 6);
  await inBothThemes(page, 'watch-done');
}

/** Turns the first surface: all others turn with it. */
async function turn(page: Page): Promise<void> {
  const cameras = () =>
    page.evaluate<string[]>(
      "[...document.querySelectorAll('.plot')].filter((p) => p.checkVisibility({ visibilityProperty: true })).map((p) => JSON.stringify(p._fullLayout.scene.camera.eye))",
    );
  const [before] = await cameras();
  const box = (await page.locator('.plot:visible').first().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect
    .poll(async () => {
      const [first, ...others] = await cameras();
      return first !== before && others.every((other) => other === first);
    })
    .toBe(true);
  // Turning is not pressing: no network was opened.
  expect(await page.getByText('Highest losses').count()).toBe(0);
}

/** Every kind of view, one scale, one cursor, verdicts, numbers, and what is not shown. */
export async function compare(page: Page): Promise<void> {
  await page.keyboard.press('3');
  await charts(page, 4);
  await page.getByRole('heading', { name: 'Verdicts' }).waitFor();
  await inBothThemes(page, 'compare-contours');

  const box = (await page.locator('.plot:visible').first().boundingBox())!;
  const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
  await expect
    .poll(async () => {
      // The same place is read in all four networks, by whoever moves over one of them.
      await page.mouse.move(middle[0] + 20 * Math.random(), middle[1]);
      return page.locator('.reading:visible').count();
    })
    .toBe(4);

  for (const [name, shot] of [
    ['Cells', 'compare-cells'],
    ['3-D', 'compare-surfaces'],
    ['Profiles', 'compare-profiles'],
    ['Trajectories', 'compare-trajectories'],
  ] as const) {
    await press(page, page.getByRole('button', { name, exact: true }));
    await charts(page, 1);
    await inBothThemes(page, shot);
    if (name === '3-D') await turn(page);
  }
  await press(page, page.getByRole('button', { name: 'Contours' }));
  await setTheme(page, 'dark');
  await page.keyboard.press('ControlOrMeta+Z');
  const shade = () => page.evaluate<string>('document.documentElement.dataset.theme');
  await expect.poll(shade).toBe('light');
  await page.keyboard.press('ControlOrMeta+Z');
  const pressed = page.getByRole('button', { name: 'Trajectories', exact: true });
  await expect.poll(() => pressed.getAttribute('aria-pressed')).toBe('true');
  await press(page, page.getByRole('button', { name: 'Contours' }));
  await press(page, page.getByRole('button', { name: 'View', exact: true }));
  await page.getByLabel('Rows').selectOption('model.depth');
  await page.getByRole('heading', { name: 'depth 56' }).waitFor();
  await charts(page, 4);
  await shoot(page, 'compare-by-depth');
  await page.getByLabel('Rows').selectOption('');
  await page.keyboard.press('Escape');

  // A view is a few letters away, and each page is where it was left.
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('ControlOrMeta+K');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  await page.keyboard.type('compare: cells');
  await page.keyboard.press('Enter');
  const cells = page.getByRole('button', { name: 'Cells', exact: true, pressed: true });
  await cells.waitFor();
  await press(page, page.getByRole('button', { name: 'Contours' }));
  const top = () => page.evaluate<number>("document.querySelector('.views').scrollTop");
  await page.evaluate("document.querySelector('.views').scrollTop = 200");
  // Scrolling is told with the next frame.
  await settle(page);
  await page.keyboard.press('2');
  await page.keyboard.press('3');
  await expect.poll(top).toBe(200);

  await press(page, page.getByRole('button', { name: 'test accuracy' }));
  expect(await page.locator('th[aria-sort="ascending"]').count()).toBe(1);
  await page
    .getByText(/2 of .* dimensions/)
    .first()
    .waitFor();
  await press(page, page.getByRole('button', { name: 'Table' }).first());
  await page.getByRole('region', { name: /as a table/ }).waitFor();
  await press(page, page.getByRole('button', { name: 'Table' }).first());
}

/** A cell is opened; a line between two checkpoints and another seed are asked for. */
export async function lookCloser(page: Page, hold: Hold | null): Promise<void> {
  await press(page, page.getByRole('button', { name: 'Open centre' }).first());
  await page.getByText('Highest losses').waitFor();
  await inBothThemes(page, 'cell');
  const counts = await page.locator('.confusion td').allTextContents();
  const images = counts.map(Number).reduce((sum, count) => sum + count, 0);
  expect(images).toBe(64);
  await page.keyboard.press('Escape');
  await page.getByText('Highest losses').waitFor({ state: 'detached' });

  await press(page, page.getByRole('button', { name: 'Look closer' }));
  await press(page, page.getByText('A line between two checkpoints'));
  hold?.at('cells');
  await press(page, page.getByRole('button', { name: 'Scan the line' }));
  await page.getByText('The line is being measured.').waitFor();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  hold?.letGo();
  await page.getByText('nothing is running').waitFor(WORK);
  await press(page, page.getByRole('button', { name: 'Profiles', exact: true }));
  await page.getByLabel('Scan').selectOption('between');
  await charts(page, 1);
  await shoot(page, 'compare-between');
  await press(page, page.getByRole('button', { name: 'Contours' }));
}

/** Downloads what a press on Export gives. */
async function exported(page: Page, format: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByLabel('File format').selectOption(format);
  const waiting = page.waitForEvent('download');
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('e');
  const download = await waiting;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Drops files on the window as a file manager would. */
async function dropAll(page: Page, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const coded = Object.entries(files).map(([name, bytes]) => [name, bytes.toString('base64')]);
  await page.evaluate(`{
    const dataTransfer = new DataTransfer();
    for (const [name, code] of ${JSON.stringify(coded)}) {
      const content = Uint8Array.from(atob(code), (s) => s.charCodeAt(0));
      dataTransfer.items.add(new File([content], name));
    }
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
  }`);
}

const drop = (page: Page, name: string, bytes: Buffer) => dropAll(page, { [name]: bytes });

/** Two panels for a column, in every format, the same in both themes; dropped back, it opens. */
export async function takeHome(page: Page): Promise<void> {
  await page.keyboard.press('4');
  await charts(page, 1);
  await page.getByLabel('Label of ResNet-32, no skips').fill('ResNet-32 without');
  await page.getByRole('checkbox', { name: 'ResNet-56, skips' }).uncheck();
  await page.getByRole('checkbox', { name: 'ResNet-56, no skips' }).uncheck();
  await page.getByLabel('Fits').selectOption('icml-column');
  await page.getByRole('checkbox', { name: /^Letters/ }).check();
  await charts(page, 1);
  // All of the page is seen; keys go nearer and back.
  const zoom = () => page.getByRole('button', { name: /^Zoom is/ }).textContent();
  const whole = await zoom();
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('0');
  await expect.poll(zoom).toBe('100 %');
  await page.keyboard.press('+');
  await expect.poll(zoom).toBe('125 %');
  await page.keyboard.press('f');
  await expect.poll(zoom).toBe(whole);
  await inBothThemes(page, 'figure');

  const pdf = await exported(page, 'pdf');
  expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  const recipe = findRecipe(pdf.bytes)!;
  expect(recipe.figure).toMatchObject({ widthMm: 82.6, letters: true });
  expect(recipe.figure.variants).toEqual(['r32-skip', 'r32-plain']);
  expect(recipe.figure.labels).toEqual({ 'r32-plain': 'ResNet-32 without' });
  // ICML's column is 3.25 in = 234 pt wide; 82.6 mm are 312.2 CSS pixels, of which whole ones.
  const [, width] = /\/MediaBox\s*\[\s*0 0 ([\d.]+)/.exec(pdf.bytes.toString('latin1'))!;
  expect(Math.abs(Number(width) - 234)).toBeLessThan(0.25);

  for (const format of ['svg', 'png', 'html', 'json', 'csv']) {
    await setTheme(page, 'light');
    const light = await exported(page, format);
    expect(findRecipe(light.bytes)).toEqual(recipe);
    await setTheme(page, 'dark');
    const dark = await exported(page, format);
    expect(dark.bytes.equals(light.bytes)).toBe(true);
  }
  await setTheme(page, 'light');

  await page.getByRole('checkbox', { name: /^Letters/ }).uncheck();
  await page.keyboard.press('l');
  await page.getByLabel('Search the library').waitFor();
  await drop(page, pdf.name, pdf.bytes);
  await page.getByText('is a figure of Isocurve').waitFor();
  await shoot(page, 'drop');
  await press(page, page.getByRole('button', { name: 'Open the study at this figure' }));
  await charts(page, 1);
  expect(await page.getByRole('checkbox', { name: /^Letters/ }).isChecked()).toBe(true);

  await drop(page, 'notes.txt', Buffer.from('not a figure'));
  await page.getByText(/cannot be read as anything known/).waitFor();
  await press(page, page.getByRole('button', { name: 'Close' }));

  await drop(page, 'mine.t7', readFileSync('test/oracle/foreign/resnet8-noshort-module.t7'));
  await page.getByText(/ResNet-8 of width 2 without projections/).waitFor();
  await press(page, page.getByRole('button', { name: 'Match tensor by tensor' }));
  await page.getByText(/37 of 37 tensors fit \(37 by name; PyTorch's axes\)/).waitFor();
  await shoot(page, 'drop-weights');
  await press(page, page.getByRole('button', { name: 'Plan a scan around them' }));
  await page.getByText('What is the loss around mine.t7?').first().waitFor();
}

/** Data, a surface of another tool, a path: each gets its verdict and is taken. */
export async function bringIn(page: Page): Promise<void> {
  await page.keyboard.press('n');
  await drop(page, 'flowers.csv', readFileSync('test/oracle/datasets/flowers.csv'));
  await page.getByText(/a table of numbers/).waitFor();
  await shoot(page, 'drop-dataset');
  await press(page, page.getByRole('button', { name: /^Add it to this machine/ }));
  await press(page, page.getByRole('button', { name: '2 Dataset' }));
  await page.getByText(/4, 3 classes, \d to train/).waitFor();
  expect(await page.getByRole('radio', { name: /^flowers/ }).isChecked()).toBe(true);
  await press(page, page.getByText('More data'));
  await press(page, page.getByRole('button', { name: 'Download cifar10' }));
  await page.getByText(/from www\.cs\.toronto\.edu, once/).waitFor();
  await shoot(page, 'download');
  await press(page, page.getByRole('button', { name: 'Close' }));
  await press(page, page.getByRole('button', { name: /^Remove flowers/ }));
  await page.getByRole('radio', { name: /^digits/, checked: true }).waitFor();

  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('o');
  await write(page, page.getByLabel('A path on the machine that computes'), '/etc/passwd');
  await page.keyboard.press('Enter');
  await page.getByText(/lies outside of what this server may read/).waitFor();
  await press(page, page.getByRole('button', { name: 'Close' }));

  await page.keyboard.press('o');
  await page.getByLabel('A folder of this machine').setInputFiles('test/oracle/tf/keras2');
  await page.getByText(/TensorFlow SavedModel: .* layers with weights/).waitFor();
  await press(page, page.getByRole('button', { name: 'Match tensor by tensor' }));
  await page.getByText(/tensors fit \(\d+ by name; Keras' axes\)/).waitFor();
  await press(page, page.getByRole('button', { name: 'Close' }));

  const model = 'test/oracle/tf/converted';
  const parts = readdirSync(model).map((name) => [name, readFileSync(join(model, name))]);
  await dropAll(page, Object.fromEntries(parts) as Record<string, Buffer>);
  await page.getByText(/TensorFlow.js model: .* layers with weights/).waitFor();
  await page.getByText('part of model.json').nth(2).waitFor();
  await shoot(page, 'drop-together');
  await press(page, page.getByRole('button', { name: 'Close' }));

  const checkpoint = readFileSync('test/oracle/foreign/resnet8.pth');
  await dropAll(page, {
    'epoch_10.pt': checkpoint,
    'epoch_1.pt': checkpoint,
    'epoch_2.pt': checkpoint,
  });
  await page.getByText('epoch_#.pt: 3 checkpoints of one training, epoch 1, 2, 10.').waitFor();
  await press(page, page.getByText('Correct the order'));
  await shoot(page, 'drop-series');
  await write(page, page.getByLabel('epoch_10.pt'), '3');
  await press(page, page.getByRole('button', { name: 'Plan its path and a scan around its end' }));
  await page.getByText('What is the loss around epoch_1.pt to epoch_10.pt?').first().waitFor();

  await drop(page, 'landscaper.npz', readFileSync('test/oracle/surfaces/landscaper.npz'));
  await page.getByText(/surface of Landscaper: 5×5 points/).waitFor();
  await press(page, page.getByRole('button', { name: 'Show by itself' }));
  await charts(page, 1);
  await inBothThemes(page, 'brought-surface');
}
