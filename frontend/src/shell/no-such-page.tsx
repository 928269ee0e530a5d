/** What is shown at an address that is none, with ways onward. */

import { useTitle } from "../shared/router";
import { Empty } from "../shared/ui/basic";
import { Link } from "../shared/ui/link";
import { SECTIONS } from "./shell";
import { similar } from "./similar";

export function NoSuchPage({ path }: { path: string }) {
  useTitle("No such page");
  const meant = similar(path, SECTIONS.slice(1).map(([href]) => href));
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
