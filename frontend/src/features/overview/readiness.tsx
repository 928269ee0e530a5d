/** Whether work can go on at all: said while it cannot, and no longer. */

import { useEffect } from "preact/hooks";
import { api } from "../../shared/api/client";
import { useLast, useResource } from "../../shared/resource";
import { ErrorNotice, Notice } from "../../shared/ui/basic";

// An engine that ends, or begins, writes no event.
const WELL_MS = 10_000;
const ILL_MS = 3_000;

export function Readiness() {
  const ready = useResource("readiness", (signal) => api.get("/readyz", { signal }));
  const last = useLast(ready.data);
  useEffect(() => {
    const timer = setTimeout(ready.reload, ready.data?.engine.running ? WELL_MS : ILL_MS);
    return () => clearTimeout(timer);
  }, [ready.data, ready.error]);
  if (ready.error) {
    return <ErrorNotice problem={ready.error} retry={ready.reload} />;
  }
  return last && !last.engine.running ? (
    <Notice tone="bad">
      <p>
        <strong>The engine does not run</strong>, so nothing is staged or analysed. Start it with <code>docstage serve</code>, on the
        machine where the server is.
      </p>
    </Notice>
  ) : null;
}
