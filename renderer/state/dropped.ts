/** What was dropped, pasted or chosen: single files, and folders with all that lies in them. */

/** A file, or a folder; paths begin with its name. */
export interface Dropped {
  readonly name: string;
  readonly isFolder: boolean;
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

/** As much of a browser's entry of a file system as is used here. */
interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
  file?(done: (file: File) => void, fail: (reason: Error) => void): void;
  createReader?(): {
    readEntries(done: (entries: Entry[]) => void, fail: (reason: Error) => void): void;
  };
}

/** As much of a browser's DataTransfer. */
interface Transfer {
  readonly items: Iterable<{ webkitGetAsEntry(): Entry | null; getAsFile(): File | null }>;
}

const single = (file: File): Dropped => ({
  name: file.name,
  isFolder: false,
  files: [{ path: file.name, file }],
});

/** The files under an entry, in the order of the folder; hidden ones are left alone. */
async function filesUnder(entry: Entry, path: string): Promise<Dropped['files']> {
  if (!entry.isDirectory) {
    return [{ path, file: await new Promise<File>((done, fail) => entry.file?.(done, fail)) }];
  }
  const reader = entry.createReader?.();
  const files: { path: string; file: File }[] = [];
  for (;;) {
    // A browser gives a folder's entries by the hundred, and none at its end.
    const entries = await new Promise<Entry[]>((done, fail) => reader?.readEntries(done, fail));
    if (entries.length === 0) return files;
    for (const child of entries) {
      if (!child.name.startsWith('.')) {
        files.push(...(await filesUnder(child, `${path}/${child.name}`)));
      }
    }
  }
}

/**
 * What a drop or a paste carries. Its entries are taken before anything is awaited: a browser
 * forgets them afterwards.
 */
export async function droppedIn(transfer: Transfer): Promise<Dropped[]> {
  const given = [...transfer.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    return entry?.isDirectory === true ? entry : item.getAsFile();
  });
  const dropped: Dropped[] = [];
  for (const item of given) {
    if (item instanceof File) dropped.push(single(item));
    // Null: a text.
    else if (item !== null) {
      const files = await filesUnder(item, item.name);
      dropped.push({ name: item.name, isFolder: true, files });
    }
  }
  return dropped;
}

/** A file of a chosen folder knows its path in there; any other has an empty one. */
interface Placed {
  readonly webkitRelativePath?: string;
}

/** Files of a dialog: single ones, or those of one folder. */
export function chosenIn(files: readonly (File & Placed)[]): Dropped[] {
  const placed = files.map((file) => ({ path: file.webkitRelativePath ?? '', file }));
  const name = placed[0]?.path.split('/')[0] ?? '';
  if (name === '') return files.map(single);
  const shown = placed.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')));
  return [{ name, isFolder: true, files: shown }];
}
