/** Links within the pages. */

import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { navigate } from "../router";

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
  return <a dir="auto" {...props} onClick={follow} />;
}
