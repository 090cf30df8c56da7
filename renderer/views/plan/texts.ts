/** What the wizard says of each choice: one sentence, its default marked. */

export const QUESTIONS: ReadonlyMap<string, { title: string; text: string }> = new Map([
  [
    'skip',
    {
      title: 'Skip or none?',
      text: 'One net with and without skip connections, compared at the same training loss and after the same epochs.',
    },
  ],
  [
    'skip-56',
    {
      title: 'Skip or none, deeper',
      text: 'The same at the same training loss with 56 layers, which takes longer without skips.',
    },
  ],
  [
    'depth',
    {
      title: 'Depth',
      text: 'How the surface changes as nets grow deeper, with skips and without, at the same training loss.',
    },
  ],
  [
    'width',
    {
      title: 'Width',
      text: 'How the surface changes as nets grow wider, with skips and without, at the same training loss.',
    },
  ],
  [
    'weight-decay',
    {
      title: 'Weight decay',
      text: 'Trajectories and surfaces with and without weight decay, in small batches and large.',
    },
  ],
  [
    'batch-size',
    { title: 'Batch size', text: 'Small and large batches, and the line between their solutions.' },
  ],
]);

export const DATASETS: ReadonlyMap<string, string> = new Map([
  [
    'digits',
    'Handwritten digits of 8×8 pixels (UCI), shipped with Isocurve. The default: real and fast.',
  ],
  ['spirals', 'Three interleaved spirals in the plane; for MLPs.'],
  ['glyphs', 'Six kinds of strokes on 12×12 grey images, drawn anew from a seed.'],
  ['shapes', 'Ten textured shapes on 32×32 colour images: the shape and cost of CIFAR-10.'],
]);

export const NORMALISATIONS: readonly { readonly value: string; readonly text: string }[] = [
  { value: 'own', text: 'its own mean and deviation' },
  { value: 'unit', text: 'black 0, white 1' },
  { value: 'loss-landscape', text: 'as tomgoldstein/loss-landscape does for CIFAR' },
  { value: 'given', text: 'as the study file says' },
];

export const HELP = {
  normalise:
    'Per channel, by the training split. Weights trained elsewhere want what they were trained with.',
  seeds:
    'Each network is trained once per seed. One is observed, two to four that agree suggest, five can decide. Default 1.',
  until:
    'Networks that train until the same loss are compared at equal training loss: how far each has come is no difference between them. Default: after a number of epochs.',
  untilLoss: 'Mean loss over all training images, in evaluation mode, after the last step.',
  untilEpochs:
    'Each is a whole schedule from the same start; the first that ends at or below the loss is kept, else the last. Default 5, 10, 20, 40, 80.',
  epochs: 'Passes over the training images. Default 20.',
  batch: 'Images per step. Default 128.',
  optimiser: 'SGD with Nesterov momentum 0.9 by default; Adam and AdamW are there.',
  schedule: 'How the rate falls: cut to a tenth at 80 % by default.',
  rate: 'By default each network gets the best of a few rates from a short trial, which goes on where the best lies at an end: a fair chance for all.',
  trialEpochs: 'Passes over the training images with each rate. Default 4.',
  trialSchedule:
    'Whole: each rate gets its warm-up and its decay, as in training. At a rate that stays, the best of a short trial may be too high.',
  weightDecay: 'λ of the penalty λ/2·‖θ‖². Default 0.0005.',
  clip: 'A longer gradient is scaled down to this norm: deep networks without skips need it. Default none.',
  checkpointEvery:
    'Steps between the checkpoints a trajectory is drawn from. Default 10, or fewer where the run is short and a claim is about its path.',
  directions:
    'Random directions scaled filter by filter to the weights (Li et al. 2018): the default, and the only scaling that compares networks.',
  range: 'How far to go from the final weights; 1 is as far as the weights are long. Default ±1.',
  grid: 'Points along each side; time grows with the square. The paper has 51.',
  lineGrid: 'Points along the line; time grows with them.',
  lineRepeats: 'Directions: how much depends on the choice of the line. Default 3.',
  repeats: 'Pairs of directions: how much depends on the choice of the plane. Default 3.',
  subset: 'Images per point, the same for all networks, classes in proportion. Default 128.',
  split: 'The training images by default: the surface that was descended.',
  bn: 'Frozen (default): statistics of the centre. Batch: those of the images, anew at each point.',
} as const;
