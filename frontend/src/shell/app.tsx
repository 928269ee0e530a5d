/** The whole of the pages: the page of the present address within the shell. */

import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ExportFormats } from "../features/batches/export";
import { match } from "../routes";
import { Announcements } from "../shared/announce";
import { tokenWanted } from "../shared/api/client";
import { LeaveQuestion } from "../shared/edits/leave-question";
import { reconnections } from "../shared/live/stream";
import { type PageProps, currentUrl } from "../shared/router";
import { Button, Empty, Skeleton } from "../shared/ui/basic";
import { Toasts } from "../shared/ui/toasts";
import { NoSuchPage } from "./no-such-page";
import { ConnectionNotice, Header, TokenForm } from "./shell";

export function App() {
  const main = useRef<HTMLElement>(null);
  const path = currentUrl.value.pathname;
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) {
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [path]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <Header />
      <ConnectionNotice />
      <main id="main" ref={main} tabIndex={-1}>
        <div class="page">{tokenWanted.value ? <TokenForm /> : <CurrentPage path={path} />}</div>
      </main>
      <ExportFormats />
      <Announcements />
      <LeaveQuestion />
      <Toasts />
    </>
  );
}

function CurrentPage({ path }: { path: string }) {
  const found = match(path);
  const [loaded, setLoaded] = useState<{ load: unknown; page: ComponentType<PageProps> }>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    setFailed(false);
    found?.load().then(
      (module) => !gone && setLoaded({ load: found.load, page: module.default }),
      () => !gone && setFailed(true),
    );
    return () => void (gone = true);
  }, [found?.load]);
  useEffect(() => {
    // A script that failed is not fetched again by the same document. Nothing is lost: the page is not there yet.
    if (failed && reconnections.value > 0) {
      location.reload();
    }
  }, [reconnections.value]);
  if (!found) {
    return <NoSuchPage path={path} />;
  }
  if (failed) {
    return (
      <Empty title="This page could not be fetched">
        <p>docstage does not answer, or has a newer version now. The page comes by itself when docstage is back.</p>
        <Button onClick={() => location.reload()}>Reload</Button>
      </Empty>
    );
  }
  const Page = loaded?.load === found.load ? loaded.page : undefined;
  return Page ? <Page key={path} at={found.at} params={found.params} /> : <Skeleton height="20rem" />;
}
