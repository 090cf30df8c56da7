/** The command line: names, flags and help. What a command does is in `commands/`. */

import { Command, Option } from 'commander';
import { checkpointFormats, surfaceFormats } from '../../shared/spec/export';
import { columnWidths, figureKinds } from '../../shared/spec/figure';
import { formats } from '../host/draw';
import { version } from '../native/version';
import { bench } from './commands/bench';
import { beside } from './commands/beside';
import { compare, resume } from './commands/compare';
import * as dataset from './commands/dataset';
import { exportCommand } from './commands/export';
import { figure } from './commands/figure';
import { inspect } from './commands/inspect';
import { scan } from './commands/scan';
import { serve } from './commands/serve';
import { start } from './commands/start';
import { doctor, setup } from './commands/setup';
import { verify } from './commands/verify';
import { complain, say, tell } from './print';
import { presetNames } from './study-file';

const backendOption = () =>
  new Option('--backend <tier>', 'where to compute (default: the best there is)').choices([
    'cpu',
    'cuda',
    'wasm',
  ]);

const DATASETS =
  "digits, spirals, glyphs, shapes, one of 'isocurve dataset list', or the path of one";
const NORMALISE = 'own, unit, loss-landscape, or MEAN,…/DEVIATION,… in raw values (default: own)';

/** Lines of a text, and those that commander writes an error in. */
const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');
const errorLines = (text: string): string[] => text.trimEnd().split(/\n(?=\(Did you mean )/);

const program = new Command('isocurve')
  .description('See how the architecture of a network shapes its loss landscape.')
  .version(version)
  .showHelpAfterError(false)
  .configureOutput({
    writeOut: (text) => say(linesOf(text)),
    writeErr: (text) => tell(linesOf(text)),
    outputError: (text) => tell(errorLines(text)),
  });

/** Runs a command and turns its result into the exit code. */
const finish = async (work: Promise<number>): Promise<void> => {
  process.exitCode = await work;
};

program
  .command('compare')
  .description('train the variants of a study, scan their loss surfaces, compare them')
  .argument('<study>', `a preset (${presetNames().join(', ')}) or the path of a study file`)
  .option('--dataset <name>', DATASETS)
  .option('--normalise <how>', NORMALISE)
  .option('--seeds <n>', 'train every variant with this many seeds')
  .option('--grid <n>', "points per side of a plane (the paper's: 51)")
  .option('--range <r>', 'random directions from -r to r')
  .option('--subset <n>', "evaluation images, or 'all'")
  .option('--bn <mode>', 'batch norm in scans: frozen, batch or states')
  .option('--epochs <n>', 'length of training, for all networks')
  .option('--rate <lr>', 'pin the learning rate instead of trying several')
  .option('--out <folder>', 'where the study goes (default: under isocurve-studies/)')
  .option('--quick', 'one seed, scanned coarsely: an observation in a fraction of the time')
  .option('--print', 'show the study file instead of running it')
  .option('--no-figures', 'numbers only, without a browser to draw them')
  .addOption(backendOption())
  .action((study: string, flags) => finish(compare(study, flags)));

program
  .command('resume')
  .description('go on with a study that was stopped')
  .argument('<folder>', 'the folder of the study')
  .addOption(backendOption())
  .action((folder: string, flags) => finish(resume(folder, flags)));

program
  .command('verify')
  .description('whether every file of a study is as it was written; what to do where not')
  .argument('<folders...>', 'of studies, or one that holds some')
  .option('--json', 'for programs')
  .action((folders: string[], flags) => finish(verify(folders, flags)));

program
  .command('figure')
  .description("draw the figures of a study at a paper's sizes")
  .argument('<folder>', 'the folder of the study')
  .option('--kind <kinds>', `${figureKinds.join(', ')} (default: all there are)`)
  .option('--format <formats>', formats.join(', '), 'svg,pdf')
  .option('--width <width>', `${[...columnWidths.keys()].join(', ')}, or millimetres`, 'icml-text')
  .option('--font <pt>', 'size of the type on paper (default: 8, on a slide 18)')
  .option(
    '--scale <scale>',
    'capped (to twice the loss of guessing), linear, log or auto',
    'capped',
  )
  .option('--scan <name>', 'the scan to draw (default: the first that fits)')
  .option('--bare', 'without titles and notes')
  .option('--out <folder>', 'where the files go (default: figures/ in the study)')
  .action((folder: string, flags) => finish(figure(folder, flags)));

program
  .command('inspect')
  .description('what a file is: weights of PyTorch, Keras, NumPy and others, surfaces, figures')
  .argument('<files...>', 'read in a process of their own, by content and never by name')
  .option('--all', 'list every tensor')
  .option('--json', 'for programs')
  .action((files: string[], flags) => finish(inspect(files, flags)));

program
  .command('scan')
  .description('the loss surface around weights that were trained elsewhere')
  .argument('<files...>', 'weights of PyTorch, safetensors, NumPy, Keras or TensorFlow; or folders')
  .option('--dataset <name>', DATASETS, 'digits')
  .option('--normalise <how>', NORMALISE)
  .option('--depth <n>', 'of the ResNet, 6n+2 (default: what the file says)')
  .option('--width <n>', 'channels of its first stage (default: what the file says)')
  .option('--skip <kind>', 'none, projection or identity (default: what the file says)')
  .option('--directions <file>', 'an HDF5 file of loss-landscape (default: random, by filters)')
  .option('--seed <n>', 'of random directions', '1')
  .option('--grid <n>', 'points per side', '51')
  .option('--range <r>', 'from -r to r', '1')
  .option('--subset <n>', "evaluation images, or 'all'", 'all')
  .option('--bn <mode>', 'batch norm: frozen, batch or states', 'frozen')
  .option('--split <split>', 'train or test', 'train')
  .option('--line', 'one direction instead of two')
  .option('--apart', 'files are networks of their own, whatever their names')
  .option('--steps <numbers>', 'files are checkpoints of one training, at these steps: 0,10,20')
  .option('--mapping <file>', 'which tensor is which, as the app exports it')
  .option('--out <file>', 'where the surface goes, as HDF5 of loss-landscape')
  .option('--no-figures', 'numbers only, without a browser to draw them')
  .option('--study <folder>', 'where everything goes (default: under isocurve-studies/)')
  .addOption(backendOption())
  .action((files: string[], flags) => finish(scan(files, flags)));

program
  .command('beside')
  .description('surfaces that other tools measured, beside those of a study')
  .argument('<folder>', 'the folder of a study, or of a new one')
  .argument('<files...>', 'of loss-landscape (.h5), Landscaper, PyLandscape (.npz, .pkl), or JSON')
  .option('--no-figures', 'numbers only, without a browser to draw them')
  .addOption(backendOption())
  .action((folder: string, files: string[], flags) => finish(beside(folder, files, flags)));

program
  .command('export')
  .description('weights or a surface of a study, for other programs')
  .argument('<folder>', 'the folder of the study')
  .option('--run <id>', 'its last checkpoint, or that of a step: ID@STEP')
  .option('--surface <id>', 'a surface by its name in surfaces/')
  .requiredOption(
    '--format <format>',
    `weights: ${checkpointFormats.join(', ')}; surfaces: ${surfaceFormats.join(', ')}`,
  )
  .option('--out <folder>', 'where the files go (default: exports/ in the study)')
  .addOption(backendOption())
  .action((folder: string, flags) => finish(exportCommand(folder, flags)));

const datasets = program
  .command('dataset')
  .description('the data on this machine: list, fetch, add, show, remove');

datasets
  .command('list')
  .description('what is here, and what can be downloaded')
  .action(() => finish(dataset.list()));

datasets
  .command('fetch')
  .description('download a public dataset from where its makers keep it')
  .argument('<name>', 'of those that `list` shows')
  .option('--yes', 'without asking')
  .action((name: string, flags) => finish(dataset.fetchNamed(name, flags)));

datasets
  .command('add')
  .description('take in CIFAR, MNIST and its kin, folders of images, NumPy arrays or CSV')
  .argument('<path>', 'a file, an archive or a folder')
  .option('--name <name>', 'what it is called (default: as the file)')
  .option('--size <pixels>', 'cut and scale images to so many on each side')
  .option('--label <column>', 'of a table: the name or number of the column with the classes')
  .option('--shape <HxWxC>', 'of a sample, where rows of numbers are images')
  .option('--test-share <share>', 'drawn for testing where there is one split (default: 0.2)')
  .option(
    '--part <name>',
    "of EMNIST's archive: balanced, letters, digits, mnist, byclass, bymerge",
  )
  .action((path: string, flags) => finish(dataset.add(path, flags)));

datasets
  .command('show')
  .description('samples of each class, mean and deviation, where it came from')
  .argument('<name>')
  .action((name: string) => finish(dataset.show(name)));

datasets
  .command('remove')
  .description('delete it from this machine')
  .argument('<name>')
  .action((name: string) => finish(dataset.remove(name)));

program
  .command('start')
  .description('the app in a window of its own; in a browser where Electron cannot be had')
  .argument('[paths...]', 'files and folders to open in it')
  .option('--workspace <folder>', 'whose studies are shown', 'isocurve-studies')
  .addOption(backendOption())
  .action((paths: string[], flags) => finish(start(paths, flags)));

program
  .command('serve')
  .description('the app in a browser: on this machine, or on a server through SSH')
  .option('--port <n>', '0: any free one', '0')
  .option('--open', 'open it in the default browser')
  .option('--bind <address>', 'listen there and not only on loopback: others can reach it then')
  .option('--data <folders...>', 'whose files can be opened by their path, besides the workspace')
  .option('--workspace <folder>', 'whose studies are shown', 'isocurve-studies')
  .addOption(backendOption())
  .action((flags) => finish(serve(flags)));

program
  .command('setup')
  .description('fetch what fast computing needs, once per user')
  .option('--cuda', 'for NVIDIA cards')
  .option('--cpu', 'for the processor')
  .option('--wasm', 'nothing: compute in WebAssembly')
  .option('--remove', 'delete what was fetched')
  .action((flags) => finish(setup(flags)));

program
  .command('doctor')
  .description('versions, backend, memory, self-test and speed of this machine')
  .option('--json', 'for programs')
  .option('--quick', 'without the speed')
  .addOption(backendOption())
  .action((flags) => finish(doctor(flags)));

program
  .command('bench')
  .description('time a training step or a scan point')
  .argument('<work>', 'train or scan')
  .option('--depth <n>', 'of the ResNet, 6n+2')
  .option('--width <n>', 'channels of its first stage')
  .option('--skip <kind>', 'none, projection or identity')
  .option('--batch <n>', 'images')
  .option('--size <n>', 'of an image, in pixels')
  .option('--channels <n>', 'of an image')
  .option('--repeat <n>', 'timed repetitions')
  .option('--points <n>', 'scan points per call')
  .option('--json', 'for programs')
  .addOption(backendOption())
  .action((work: string, flags) => finish(bench(work, flags)));

// Whoever reads along may stop reading: `isocurve inspect … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// What escapes a command is said like any other fault: Node would print it as it stands. Whoever
// serves windows hears of it as well, and goes on.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  complain(error);
  process.exit(1);
});

try {
  await program.parseAsync();
} catch (error) {
  complain(error);
  process.exitCode = 1;
}
