/** Whether something is in view, or soon will be. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

const AHEAD = "1200px 0px";
/** What is only scrolled past is not fetched. */
const RESTS_MS = 80;

/** True from when the element has been near what is shown of `root` for a moment. */
export function useNear(element: RefObject<HTMLElement | null>, root: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || !element.current) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        clearTimeout(timer);
        if (entries.at(-1)?.isIntersecting) {
          timer = setTimeout(() => setNear(true), RESTS_MS);
        }
      },
      { root: root.current, rootMargin: AHEAD },
    );
    watch.observe(element.current);
    return () => {
      clearTimeout(timer);
      watch.disconnect();
    };
  }, [near]);
  return near;
}
