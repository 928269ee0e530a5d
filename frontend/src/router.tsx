/** Addresses: which page is shown, and the state of lists, which lives in the query. */

import { signal } from "@preact/signals";
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useEffect } from "preact/hooks";

/** Where this tab is. */
export const place = signal(new URL(location.href));

addEventListener("popstate", () => {
  place.value = new URL(location.href);
});

/** Go to an address of these pages. */
export function navigate(to: string, { replace = false } = {}): void {
  const url = new URL(to, location.href);
  if (replace) {
    history.replaceState(null, "", url);
  } else {
    history.pushState(null, "", url);
  }
  const moved = url.pathname !== place.peek().pathname;
  place.value = url;
  if (moved) {
    scrollTo(0, 0);
  }
}

/** Change values of the query and keep the others; null or "" takes one away, a list repeats it. */
export function setQuery(changes: Record<string, string | string[] | null>, { replace = false } = {}): void {
  const url = new URL(place.peek());
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
  const query = new URLSearchParams(place.value.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) {
      query.delete(name);
    } else {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return text ? `${place.value.pathname}?${text}` : place.value.pathname;
}

/** A value of the query, "" when it is not there. */
export function useQuery(name: string): string {
  return place.value.searchParams.get(name) ?? "";
}

/** All values of the query that have this name. */
export function useQueryList(name: string): string[] {
  return place.value.searchParams.getAll(name);
}

/** What follows the name of the page in the title of the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · docstage` : "docstage";
  }, [title]);
}

interface LinkProps {
  href: string;
  class?: string;
  "aria-current"?: "page" | undefined;
  "aria-label"?: string;
  "data-kind"?: string;
  "data-size"?: string;
  children?: ComponentChildren;
}

/** A link within these pages. */
export function Link(props: LinkProps) {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!elsewhere && !event.defaultPrevented) {
      event.preventDefault();
      navigate(props.href);
    }
  };
  return <a {...props} onClick={follow} />;
}
