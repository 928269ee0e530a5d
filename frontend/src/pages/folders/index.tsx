import { api } from "../../api/client";
import { Empty, ErrorNotice, Skeleton } from "../../components/basic";
import { TableFrame } from "../../components/table";
import { useResource } from "../../resource";
import { useTitle } from "../../router";

export default function FoldersPage() {
  useTitle("Folders");
  const list = useResource("folders", (signal) => api.get("/api/folders", { query: { limit: 1000 }, signal }));
  return (
    <>
      <h1>Folders</h1>
      {list.error && <ErrorNotice problem={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Skeleton height="10rem" />}
      {list.data?.items.length === 0 && <Empty title="There are none yet" />}
      {list.data && list.data.items.length > 0 && (
        <TableFrame label="Folders">
          <tbody>
            {list.data.items.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
    </>
  );
}
