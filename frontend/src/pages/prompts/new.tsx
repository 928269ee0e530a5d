import "./prompts.css";
import type { Prompt } from "../../api/types";
import { toast } from "../../components/toasts";
import { NewPrompt } from "../../prompts/new";
import { Link, navigate, useTitle } from "../../router";

export function NewPromptPage() {
  useTitle("New prompt");
  const saved = (prompt: Prompt) => {
    toast(`${prompt.name} is saved.`);
    navigate(`/prompts/${prompt.id}`);
  };
  return (
    <>
      <div class="stack-small">
        <div>
          <Link href="/prompts">← Prompts</Link>
        </div>
        <h1>New prompt</h1>
      </div>
      <NewPrompt saved={saved} close={() => navigate("/prompts")} trying />
    </>
  );
}
