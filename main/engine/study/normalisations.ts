/**
 * How a network that was trained elsewhere does on its data under each normalisation that they may
 * have had there: a high loss may be that of another normalisation.
 */

import { Fault } from '../../../shared/fault';
import type { NormalisationLoss, NormaliseSpec } from '../../../shared/spec/dataset';
import { runId, runsOf } from '../../../shared/spec/study';
import { checkpointSteps, loadCheckpoint } from '../checkpoint/checkpoint';
import { loadDataset } from '../dataset/load';
import { buildModel } from '../model/build';
import { evaluate, onDevice, recordEvaluation } from '../surface/evaluate';
import { buildEvaluationSet } from '../surface/evaluation-set';
import type { StudyContext } from './context';

/** Images that tell one normalisation from another. */
const IMAGES = 512;
/** Channels of what the constants of tomgoldstein/loss-landscape are of. */
const COLOURS = 3;

/** The last checkpoint of `run` under each normalisation, on training images, the best first. */
export async function lossByNormalisation(
  { study, layout, backend }: Pick<StudyContext, 'study' | 'layout' | 'backend'>,
  run: string,
): Promise<NormalisationLoss[]> {
  const known = runsOf(study).find(({ variant, seed }) => runId(variant.name, seed) === run);
  const steps = checkpointSteps(layout.checkpoints(run));
  if (known === undefined || steps.length === 0) {
    throw new Fault('not-found', `this study has no checkpoint of a run '${run}'`);
  }
  const asked = await loadDataset(study.dataset);
  const model = buildModel(known.variant.model, asked);
  const { weights, statistics } = loadCheckpoint(
    layout.checkpoints(run),
    steps[steps.length - 1],
    model,
  );
  const channels = asked.inputShape[asked.inputShape.length - 1];
  const given = study.dataset.normalise;
  const candidates: NormaliseSpec[] = [
    'own',
    'unit',
    ...(channels === COLOURS ? (['loss-landscape'] as const) : []),
    ...(typeof given === 'object' ? [given] : []),
  ];
  const replay = recordEvaluation(model, 'frozen', backend.node);
  const found: NormalisationLoss[] = [];
  try {
    for (const normalise of candidates) {
      const dataset = await loadDataset({ ...study.dataset, normalise });
      const images = Math.min(IMAGES, dataset.train.size);
      const set = buildEvaluationSet(dataset, 'train', images, false);
      try {
        const { loss, accuracy } = onDevice(weights, statistics, (w, s) =>
          evaluate(replay, set, w, s),
        );
        found.push({ normalise, loss, accuracy, images });
      } finally {
        set.dispose();
      }
    }
  } finally {
    replay.dispose();
  }
  // What overflowed is no better than anything.
  const rank = ({ loss }: NormalisationLoss) => (Number.isNaN(loss) ? Infinity : loss);
  return found.sort((a, b) => rank(a) - rank(b));
}
