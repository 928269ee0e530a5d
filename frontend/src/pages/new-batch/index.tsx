import { useTitle } from "../../router";

export default function NewBatchPage() {
  useTitle("New batch");
  return <h1>New batch</h1>;
}
