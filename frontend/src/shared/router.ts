/** Addresses: which page is shown, and the state of lists, which lives in the query. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** What a page is given: its address as the table of routes has it, and the numbers in it by name. */
export interface PageProps {
  at: string;
  params: Record<string, string>;
}

/** Where this tab is. */
export const currentUrl = signal(new URL(location.href));

/** Says whether the present page may be left; where not, it may call `go` later. */
type NavigationGuard = (go: () => void) => boolean;

let mayLeave: NavigationGuard = () => true;

/** Ask this before a page is left. */
export function guardNavigation(guard: NavigationGuard): void {
  mayLeave = guard;
}

/** Where the present address stands among those that this tab has been at, to tell how far the browser went. */
const stepOf = (state: unknown) => (state as { step?: number } | null)?.step;
let here = stepOf(history.state) ?? 0;
/** The browser is on its way where it may go. */
let free = false;

history.replaceState({ step: here }, "");

addEventListener("popstate", ({ state }) => {
  const step = stepOf(state);
  if (step === undefined) {
    // A link within the page, such as to its content.
    here += 1;
    history.replaceState({ step: here }, "");
    return;
  }
  const far = step - here;
  const goThere = () => {
    free = true;
    history.go(far);
  };
  if (free || far === 0 || isShown(location) || mayLeave(goThere)) {
    free = false;
    here = step;
    currentUrl.value = new URL(location.href);
  } else {
    // The address has changed already: back to that of the page which is still shown.
    free = true;
    history.go(-far);
  }
});

/** Whether an address is that of the page which is shown, wherever in it. */
const isShown = ({ pathname, search }: Location) => pathname === currentUrl.peek().pathname && search === currentUrl.peek().search;

/** Go to an address of these pages. */
export function navigate(to: string, { replace = false } = {}): void {
  if (!replace && !mayLeave(() => navigate(to))) {
    return;
  }
  const url = new URL(to, location.href);
  if (replace) {
    history.replaceState({ step: here }, "", url);
  } else {
    here += 1;
    history.pushState({ step: here }, "", url);
  }
  const moved = url.pathname !== currentUrl.peek().pathname;
  currentUrl.value = url;
  if (moved) {
    scrollTo(0, 0);
  }
}

/** Change values of the query and keep the others; null or "" takes one away, a list repeats it. */
export function setQuery(changes: Record<string, string | string[] | null>, { replace = false } = {}): void {
  const url = new URL(currentUrl.peek());
  for (const [name, value] of Object.entries(changes)) {
    url.searchParams.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) {
        url.searchParams.append(name, one);
      }
    }
  }
  navigate(url.href, { replace });
}

/** The present address with these changes of the query, for links. */
export function withQuery(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(currentUrl.value.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) {
      query.delete(name);
    } else {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return text ? `${currentUrl.value.pathname}?${text}` : currentUrl.value.pathname;
}

/** A value of the query, "" when it is not there. */
export function useQuery(name: string): string {
  return currentUrl.value.searchParams.get(name) ?? "";
}

/** All values of the query that have this name. */
export function useQueryList(name: string): string[] {
  return currentUrl.value.searchParams.getAll(name);
}

/** What follows the name of the page in the title of the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · docstage` : "docstage";
  }, [title]);
}
