/** Which documents are listed: the filters and the order, as they stand in the address. */

import type { DocumentStatus } from "../../shared/api/types";
import { useQuery, useQueryList } from "../../shared/router";

export function useDocumentsQuery(run: number | undefined) {
  return { search: useQuery("search"), status: useQueryList("status") as DocumentStatus[], sort: useQuery("sort"), run };
}

export type DocumentsQuery = ReturnType<typeof useDocumentsQuery>;
