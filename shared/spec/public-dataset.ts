/** A dataset that can be downloaded from where its makers keep it. */

export interface PublicDataset {
  readonly name: string;
  /** One line: what it holds. */
  readonly title: string;
  /** Who made it, and its licence where one is named. */
  readonly cite: string;
  readonly classNames?: readonly string[];
  /** Which of several datasets in one archive. */
  readonly part?: string;
  readonly files: readonly {
    readonly url: string;
    readonly bytes: number;
    readonly md5: string;
  }[];
}
