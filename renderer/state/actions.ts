/** What each command of the registry does in this window. */

import type { CommandId } from '../../shared/commands';
import { themes } from '../../shared/spec/host';
import { ZOOM_STEP } from '../plot/zoom';
import type { App } from './app.svelte';
import type { Panels } from './panels.svelte';
import type { StudyView } from './view';

export interface Action {
  run(): void;
  /** False where it has nothing to act on. */
  enabled(): boolean;
}

const always = () => true;

function viewAction(app: App, view: StudyView): Action {
  return { run: () => app.show(view), enabled: () => app.route.page === 'study' };
}

const isPlanning = (app: App) => app.route.page === 'new';

/** The history that Undo acts on: the plan's where one plans, else that of views and settings. */
const historyOf = (app: App) => (isPlanning(app) ? app.plan.history : app.views);

/** The unfinished job of the open study, or the only one there is. */
function currentJob(app: App) {
  const own = app.session === null ? null : app.jobOf(app.session.folder);
  return app.openJobs.find(({ job }) => job === own?.job) ?? app.openJobs[0] ?? null;
}

export function buildActions(app: App, panels: Panels): Record<CommandId, Action> {
  const hasJob = () => currentJob(app) !== null;
  const inFigure = () => app.route.page === 'study' && app.route.view === 'figure';
  return {
    'go-library': { run: () => void app.go({ page: 'library' }), enabled: always },
    'go-system': { run: () => void app.go({ page: 'system' }), enabled: always },
    'view-plan': viewAction(app, 'plan'),
    'view-watch': viewAction(app, 'watch'),
    'view-compare': viewAction(app, 'compare'),
    'view-figure': viewAction(app, 'figure'),
    search: {
      run: () => void app.go({ page: 'library' }).then(() => panels.focusSearch()),
      enabled: always,
    },
    'new-study': { run: () => void app.go({ page: 'new' }), enabled: always },
    'open-files': { run: () => (panels.open = 'files'), enabled: always },
    'run-study': {
      run: () => void panels.run(app),
      enabled: () => app.route.page === 'new' || app.session !== null,
    },
    verify: {
      run: () => void app.verification.start(app.session!.folder),
      enabled: () => app.session !== null,
    },
    pause: { run: () => void app.pauseOrGoOn(currentJob(app)!), enabled: hasJob },
    cancel: { run: () => void app.cancel(currentJob(app)!), enabled: hasJob },
    export: { run: () => panels.exportNow(), enabled: inFigure },
    'copy-caption': { run: () => panels.copyNow(), enabled: inFigure },
    'zoom-in': { run: () => panels.zoomer?.by(ZOOM_STEP), enabled: inFigure },
    'zoom-out': { run: () => panels.zoomer?.by(1 / ZOOM_STEP), enabled: inFigure },
    'zoom-fit': { run: () => (panels.zoom = null), enabled: inFigure },
    'zoom-true': { run: () => (panels.zoom = 1), enabled: inFigure },
    undo: {
      run: () => (isPlanning(app) ? app.plan.history : app).undo(),
      enabled: () => historyOf(app).canUndo,
    },
    redo: {
      run: () => (isPlanning(app) ? app.plan.history : app).redo(),
      enabled: () => historyOf(app).canRedo,
    },
    palette: { run: () => (panels.open = 'palette'), enabled: always },
    shortcuts: { run: () => (panels.open = 'shortcuts'), enabled: always },
    theme: {
      run: () => {
        const next = (themes.indexOf(app.settings.theme) + 1) % themes.length;
        app.prefer({ theme: themes[next] });
      },
      enabled: always,
    },
    inspector: {
      run: () => app.prefer({ inspector: !app.settings.inspector }),
      enabled: always,
    },
  };
}
