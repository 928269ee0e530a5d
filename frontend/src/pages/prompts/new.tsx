import "./prompts.css";
import type { Prompt } from "../../api/types";
import { toast } from "../../components/toasts";
import { NewPrompt } from "../../prompts/new";
import { navigate, useTitle } from "../../router";

export function NewPromptPage() {
  useTitle("New prompt");
  const saved = (prompt: Prompt) => {
    toast(`${prompt.name} is saved.`);
    navigate(`/prompts/${prompt.id}`);
  };
  return (
    <>
      <h1>New prompt</h1>
      <div class="card">
        <NewPrompt saved={saved} close={() => navigate("/prompts")} />
      </div>
    </>
  );
}
