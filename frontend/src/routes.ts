/** Which address shows which page. Each page is a file of its own that is fetched when it is first shown. */

import type { ComponentType } from "preact";

/** What a page is given: the numbers in its address, by name. */
export interface PageProps {
  params: Record<string, string>;
}

type Loader = () => Promise<{ default: ComponentType<PageProps> }>;

interface Route {
  pattern: RegExp;
  load: Loader;
}

const ROUTES: Route[] = [
  { pattern: /^\/$/, load: () => import("./pages/overview") },
  { pattern: /^\/batches$/, load: () => import("./pages/batches") },
  { pattern: /^\/batches\/new$/, load: () => import("./pages/new-batch") },
  { pattern: /^\/batches\/(?<id>[1-9]\d*)$/, load: () => import("./pages/batch") },
  { pattern: /^\/folders(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./pages/folders") },
  { pattern: /^\/connections(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./pages/connections") },
  { pattern: /^\/prompts(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./pages/prompts") },
];

/** The page of an address and the values in it, or null where there is none. */
export function match(path: string): { load: Loader; params: Record<string, string> } | null {
  for (const route of ROUTES) {
    const found = route.pattern.exec(path);
    if (found) {
      return { load: route.load, params: { ...found.groups } };
    }
  }
  return null;
}
