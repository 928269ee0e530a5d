"""What a prompt says of documents that are too long, over the API."""

import httpx
from tests.api.analysed import answered


async def test_a_prompt_says_what_becomes_of_long_documents(client: httpx.AsyncClient) -> None:
    """Refused unless it says otherwise; a change of it is a new version, anything else is no choice."""
    body = {"name": "Long", "text": "Who?"}
    made = (await client.post("/api/prompts", json=body)).json()
    assert (made["too_long"], made["version"]) == ("refuse", 1)
    url = f"/api/prompts/{made['id']}"
    changed = (await client.patch(url, json={"too_long": "first_parts"})).json()
    assert (changed["too_long"], changed["version"], changed["text"]) == ("first_parts", 2, "Who?")
    assert (await answered(client, f"{url}?version=1"))["too_long"] == "refuse"
    assert (await client.patch(url, json={"too_long": "cut"})).status_code == 422
    body = {"name": "Longer", "text": "Who?", "too_long": "first_parts"}
    assert (await client.post("/api/prompts", json=body)).json()["too_long"] == "first_parts"
