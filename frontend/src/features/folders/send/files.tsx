/** The first of the files that are to be sent, and of those that could not be. */

import { bytes, count, plural } from "../../../shared/format";
import type { Gathered } from "./gather";
import type { Failed } from "./sending";

const LISTED = 200;

export function ChosenFiles({ gathered }: { gathered: Gathered }) {
  const { files, hidden } = gathered;
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <div class="stack-small">
      <p>
        <strong>{plural(files.length, "file")}</strong>, {bytes(size)}
        {hidden > 0 && <span class="quiet">; {plural(hidden, "hidden file")} left out</span>}
      </p>
      <div class="folders-found-list folders-chosen" tabIndex={0} role="region" aria-label="Files to send">
        <ul class="folders-found-items">
          {files.slice(0, LISTED).map(({ path, file }) => (
            <li key={path}>
              <span>{path}</span>
              <span class="number quiet">{bytes(file.size)}</span>
            </li>
          ))}
        </ul>
        {files.length > LISTED && <p class="quiet small">and {count(files.length - LISTED)} more</p>}
      </div>
    </div>
  );
}

export function FailedFiles({ failed }: { failed: Failed[] }) {
  return (
    <div class="notice stack-small" data-tone="bad" role="alert">
      <strong>{`${plural(failed.length, "file")} could not be sent`}</strong>
      <ul class="folders-failed stack-small" tabIndex={0} aria-label="Files that could not be sent">
        {failed.slice(0, LISTED).map(({ picked, reason }) => (
          <li key={picked.path} dir="auto">
            {picked.path}
            <div class="quiet small">{reason}</div>
          </li>
        ))}
      </ul>
    </div>
  );
}
