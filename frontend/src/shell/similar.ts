/** What somebody meant who mistyped an address. */

import { match } from "../routes";

const NEAR = 2;

/** The address that was probably meant: the section with nearly that name, with the rest as far as it has such a page. */
export function similar(path: string, sections: readonly string[]): string | undefined {
  const [, first = "", ...rest] = path.split("/");
  const near = sections.find((href) => distance(first.toLowerCase(), href.slice(1)) <= NEAR);
  if (!near) {
    return undefined;
  }
  const whole = [near, ...rest.filter((part) => part !== "")].join("/");
  return match(whole) ? whole : near;
}

/** How many letters must be changed, added or taken away to make one word of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to += 1) {
      const changed = (row[to] ?? 0) + (one[at] === other[to] ? 0 : 1);
      next.push(Math.min(changed, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
