/** Which address shows which page. Each page is a file of its own that is fetched when it is first shown. */

import type { ComponentType } from "preact";
import type { PageProps } from "./shared/router";

type Loader = () => Promise<{ default: ComponentType<PageProps> }>;

interface Route {
  pattern: RegExp;
  load: Loader;
}

const ROUTES: Route[] = [
  { pattern: /^\/$/, load: () => import("./features/overview/page") },
  { pattern: /^\/batches$/, load: () => import("./features/batches/list/page") },
  { pattern: /^\/batches\/new$/, load: () => import("./features/batches/new/page") },
  { pattern: /^\/batches\/(?<id>[1-9]\d*)$/, load: () => import("./features/batches/one/page") },
  { pattern: /^\/folders(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./features/folders/page") },
  { pattern: /^\/connections(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./features/connections/page") },
  { pattern: /^\/prompts(?:\/(?<id>[1-9]\d*|new))?$/, load: () => import("./features/prompts/page") },
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
