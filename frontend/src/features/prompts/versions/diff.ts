/** What changed between two texts, line by line. */

export interface Line {
  kind: "same" | "gone" | "new";
  text: string;
}

/** The lines of both texts in order; of changed ones, those that are gone come first. */
export function differences(before: string, after: string): Line[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const common = longestCommon(old, now);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ kind: "same", text: now[j] as string });
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push({ kind: "gone", text: old[i] as string });
      i += 1;
    } else {
      lines.push({ kind: "new", text: now[j] as string });
      j += 1;
    }
  }
  return lines;
}

const linesOf = (text: string) => (text === "" ? [] : text.split("\n"));

/** How many lines the rests of both texts from (i, j) on have in common at most. */
function longestCommon(old: string[], now: string[]): Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = table[i] as Uint32Array;
      row[j] = old[i] === now[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

const at = (table: Uint32Array[], i: number, j: number) => table[i]?.[j] ?? 0;
