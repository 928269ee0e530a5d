/** What is shown at an address that is none, with ways onward. */

import { match } from "../routes";
import { Link, useTitle } from "../shared/router";
import { Empty } from "../shared/ui/basic";
import { SECTIONS } from "./shell";

const NEAR = 2;

export function NoSuchPage({ path }: { path: string }) {
  useTitle("No such page");
  const meant = similar(path);
  return (
    <>
      <h1>There is no such page</h1>
      <Empty title={`Nothing is at ${path}`}>
        {meant && (
          <p>
            Did you mean <Link href={meant}>{meant}</Link>?
          </p>
        )}
        <p>The address is mistyped, or it comes from another version of docstage.</p>
        <nav class="row" aria-label="Ways onward">
          {SECTIONS.map(([href, name]) => (
            <Link key={href} class="button" href={href}>
              {name}
            </Link>
          ))}
        </nav>
      </Empty>
    </>
  );
}

/** The address that was probably meant: the section with nearly that name, with the rest as far as it has such a page. */
function similar(path: string): string | undefined {
  const [, first = "", ...rest] = path.split("/");
  const near = SECTIONS.slice(1).find(([href]) => distance(first.toLowerCase(), href.slice(1)) <= NEAR)?.[0];
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
