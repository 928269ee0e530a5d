/** Which document of which run is read. */

export interface Source {
  batch: number;
  /** Undefined: the current run. */
  run: number | undefined;
  id: number;
}

/** Where the reader shall be. */
export interface Target {
  /** A place in the document's text. */
  at: number;
  /** Index of a hit, else the beginning of the part is meant. */
  hit?: number;
  part: number;
  /** Told anew each time, so that the same place can be wanted twice. */
  turn: number;
}
