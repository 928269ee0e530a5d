/** The parts of the batch page. Which one is shown stands in the address; without it, what matters at its status. */

import { useEffect, useRef } from "preact/hooks";
import type { Batch } from "../../../shared/api/types";
import { count } from "../../../shared/format";
import { navigate, currentUrl, setQuery, useQuery } from "../../../shared/router";
import { useShortcuts } from "../../../shared/shortcuts/registry";
import { Link } from "../../../shared/ui/link";

const NAMES = {
  overview: "Overview",
  estimate: "Estimate",
  documents: "Documents",
  progress: "Progress",
  results: "Results",
  failures: "Failures",
  runs: "Runs",
  events: "Events",
  details: "Details",
};

export type Tab = keyof typeof NAMES;
const TABS = Object.keys(NAMES) as Tab[];

/** What matters most while the batch, or the run that is shown, is like this. */
function usual(batch: Batch, run: number | undefined): Tab {
  if (run !== undefined) {
    return "results";
  }
  switch (batch.status) {
    case "SAVED":
      return "details";
    case "STAGING":
      return "documents";
    case "STAGED":
      return "estimate";
    case "FAILED_STAGING":
      return batch.counts.documents > 0 ? "documents" : "details";
    case "FAILED":
      return batch.failed_tasks > 0 ? "failures" : "progress";
    case "COMPLETED":
      return "results";
    default:
      return "progress";
  }
}

/** The tab that is shown. */
export function useTab(batch: Batch, run: number | undefined): Tab {
  const asked = useQuery("tab") as Tab;
  const one = useQuery("task") || useQuery("document");
  const tab = TABS.includes(asked) ? asked : one ? "results" : usual(batch, run);
  const query = currentUrl.value.searchParams;
  const filtered = [...query.keys()].some((name) => name !== "tab" && name !== "run");
  useEffect(() => {
    // What a list is filtered by belongs to its tab, so the tab must not follow the status from then on.
    if (filtered && asked !== tab) {
      setQuery({ tab }, { replace: true });
    }
  }, [filtered, asked, tab]);
  return tab;
}

/** The address of a tab, without what the lists of others are filtered by. */
export function tabAddress(batch: Batch, tab: Tab, run: number | undefined): string {
  return `/batches/${batch.id}?tab=${tab}${run === undefined ? "" : `&run=${run}`}`;
}

export function Tabs({ batch, run, now }: { batch: Batch; run: number | undefined; now: Tab }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const [bar, here] = [nav.current, nav.current?.querySelector<HTMLElement>("[aria-current]")];
    if (bar && here) {
      bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.clientWidth) / 2;
    }
  }, [now]);
  const there = TABS.filter((tab) => tab !== "estimate" || run === undefined);
  const step = (by: number) => {
    const to = there[there.indexOf(now) + by];
    if (to) {
      navigate(tabAddress(batch, to, run));
    }
  };
  useShortcuts("Batch", [
    { keys: "]", label: "The next part of the batch", act: () => step(1) },
    { keys: "[", label: "The part before", act: () => step(-1) },
  ]);
  // Only the current run can be estimated, and only its figures come with the batch.
  const counts: Partial<Record<Tab, number>> =
    run === undefined ? { documents: batch.counts.documents, failures: batch.failed_tasks, runs: batch.runs } : {};
  return (
    <nav class="tabs" ref={nav} aria-label="Parts of the batch">
      {there.map((tab) => (
        <Link key={tab} href={tabAddress(batch, tab, run)} aria-current={tab === now ? "page" : undefined}>
          {NAMES[tab]}
          {counts[tab] ? (
            <>
              {" "}
              <span class="batch-tab-count">{count(counts[tab])}</span>
            </>
          ) : null}
        </Link>
      ))}
    </nav>
  );
}
