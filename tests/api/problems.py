"""What an answer says is wrong with a request."""

import httpx


def fields(response: httpx.Response) -> list[str]:
    """The fields at fault."""
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body.keys() >= {"type", "title", "status", "detail", "instance"}
    return [error["field"] for error in body["errors"]]
