/**
 * Which page is at which address. The build hands the addresses on to the server, which serves them and no others.
 * Each page is a file of its own that is fetched when it is first shown.
 */

import type { ComponentType } from "preact";
import type { PageProps } from "./shared/router";

type Loader = () => Promise<{ default: ComponentType<PageProps> }>;

interface Route {
  /** Addresses of the page; `:id` stands for a number from 1 on. */
  at: readonly string[];
  load: Loader;
}

export const ROUTES: readonly Route[] = [
  { at: ["/"], load: () => import("./features/overview/page") },
  { at: ["/batches"], load: () => import("./features/batches/list/page") },
  { at: ["/batches/new"], load: () => import("./features/batches/new/page") },
  { at: ["/batches/:id"], load: () => import("./features/batches/one/page") },
  { at: ["/folders", "/folders/new", "/folders/:id"], load: () => import("./features/folders/page") },
  { at: ["/connections", "/connections/new", "/connections/:id"], load: () => import("./features/connections/page") },
  { at: ["/prompts", "/prompts/new", "/prompts/:id"], load: () => import("./features/prompts/page") },
];

interface Match extends PageProps {
  load: Loader;
}

/** The page of a path, which of its addresses that is and the values in it; null where there is none. */
export function match(path: string): Match | null {
  for (const { at: addresses, load } of ROUTES) {
    for (const at of addresses) {
      const found = new RegExp(`^${at.replace(/:(\w+)/g, "(?<$1>[1-9]\\d*)")}$`).exec(path);
      if (found) {
        return { at, load, params: { ...found.groups } };
      }
    }
  }
  return null;
}
