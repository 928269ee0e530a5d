/** Parts of a page that are fetched when they are shown, such as charts. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Notice, Skeleton } from "./basic";

/** A component that is fetched when it is first shown; until then its room is kept. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>, height: string): ComponentType<P> {
  let Part: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [state, setState] = useState<"waiting" | "there" | "failed">(Part ? "there" : "waiting");
    useEffect(() => {
      let gone = false;
      load().then(
        (module) => {
          Part = module.default;
          if (!gone) {
            setState("there");
          }
        },
        () => !gone && setState("failed"),
      );
      return () => void (gone = true);
    }, []);
    if (state === "failed") {
      return (
        <Notice tone="warn">
          <p>A part of this page could not be fetched: docstage does not answer, or has a newer version now.</p>
          <Button size="small" onClick={() => location.reload()}>
            Reload
          </Button>
        </Notice>
      );
    }
    return Part ? <Part {...props} /> : <Skeleton height={height} />;
  };
}
