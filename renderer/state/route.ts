/** Where in the app one is, as the fragment of the address: it survives a reload. */

import { studyViews, type StudyView } from './view';

export type Route =
  | { readonly page: 'library' }
  | { readonly page: 'new' }
  | { readonly page: 'system' }
  | { readonly page: 'study'; readonly folder: string; readonly view: StudyView };

export function toHash(route: Route): string {
  if (route.page !== 'study') return `#/${route.page}`;
  return `#/study/${encodeURIComponent(route.folder)}/${route.view}`;
}

/** The route of a fragment; what is not understood leads to the library. */
export function fromHash(hash: string): Route {
  const [, page, folder, view] = hash.split('/');
  if (page === 'new' || page === 'system') return { page };
  const known = studyViews.find((name) => name === view);
  if (page === 'study' && folder !== undefined && known !== undefined) {
    try {
      return { page, folder: decodeURIComponent(folder), view: known };
    } catch {
      return { page: 'library' };
    }
  }
  return { page: 'library' };
}
