/** Which documents are listed: the filters and the order, as they stand in the address. */

import type { DocumentStatus } from "../../shared/api/types";
import { useQuery, useQueryList } from "../../shared/router";

export function useDocumentsQuery(run: number | undefined) {
  const search = useQuery("search");
  const status = useQueryList("status") as DocumentStatus[];
  // "false": only those of which something is left out.
  const whole = useQuery("whole") === "false" ? false : undefined;
  return { search, status, whole, sort: useQuery("sort"), run };
}

export type DocumentsQuery = ReturnType<typeof useDocumentsQuery>;
