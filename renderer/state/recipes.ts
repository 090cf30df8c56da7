/** From the recipe inside a figure back to what it was drawn from. */

import type { Recipe } from '../../shared/figure/recipe';
import type { StudySummary } from '../../shared/spec/library';
import type { App } from './app.svelte';

/** The study of the library that a recipe names; its files are compared when it is opened. */
export const twinOf = (library: readonly StudySummary[], { study }: Recipe): StudySummary | null =>
  library.find(
    ({ name, question, variants }) =>
      name === study.name &&
      question === study.question &&
      variants.map((variant) => variant.name).join() ===
        study.variants.map((variant) => variant.name).join(),
  ) ?? null;

/** Opens `twin` with the figure's settings, or plans the recipe's study where there is none. */
export function openRecipe(app: App, recipe: Recipe, twin: StudySummary | null): void {
  if (twin === null) {
    app.plan.replace(recipe.study, 'restore a figure');
    void app.saveSettings({ figure: recipe.figure });
    void app.go({ page: 'new' });
    return;
  }
  const route = { page: 'study', folder: twin.folder, view: 'figure' } as const;
  void app.go(route).then(() => {
    app.views.change({ ...app.views.value, figure: recipe.figure }, 'restore a figure');
    const same = JSON.stringify(app.session?.snapshot.file) === JSON.stringify(recipe.study);
    if (!same) app.notices.done('This study has changed since the figure was drawn from it.');
  });
}
