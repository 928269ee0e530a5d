/** The way through the matrix with the keyboard. */

import { moved } from "./window";

/** The cell that the keyboard is at: its row and its column, of which 0 is the document. */
export type Cell = [row: number, column: number];

/** Where a key leads, undefined when it leads nowhere. */
export function movedCell(
  event: Pick<KeyboardEvent, "key" | "ctrlKey">,
  [row, column]: Cell,
  [rows, columns]: [number, number],
  visible: number,
): Cell | undefined {
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const next = column + (event.key === "ArrowRight" ? 1 : -1);
    return [row, Math.max(0, Math.min(columns, next))];
  }
  if (!event.ctrlKey && (event.key === "Home" || event.key === "End")) {
    return [row, event.key === "Home" ? 0 : columns];
  }
  const next = moved(event.key, row, rows, visible);
  return next === undefined ? undefined : [next, column];
}
