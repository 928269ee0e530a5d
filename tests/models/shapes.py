"""Answers of the providers that have protocols of their own, as their API references show them."""

from typing import Any

from tests.models.stub import completion

MODELS = {
    "anthropic": "claude-sonnet-4-6",
    "google": "gemini-2.5-flash",
    "bedrock": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "azure": "gpt-4o",
}


def success(provider: str, text: str) -> dict[str, Any]:
    """An answer with 100 input tokens, 90 of them cached (64 for Azure), and a few output tokens."""
    if provider == "anthropic":
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "served-model",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": 10,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 90,
                "output_tokens": 7,
            },
        }
    if provider == "google":
        content = {"role": "model", "parts": [{"text": text}]}
        return {
            "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {
                "promptTokenCount": 100,
                "cachedContentTokenCount": 90,
                "candidatesTokenCount": 7,
                "totalTokenCount": 107,
            },
            "modelVersion": "served-model",
            "responseId": "r1",
        }
    if provider == "bedrock":
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": "end_turn",
            "usage": {
                "inputTokens": 10,
                "outputTokens": 7,
                "totalTokens": 107,
                "cacheReadInputTokens": 90,
                "cacheWriteInputTokens": 0,
            },
            "metrics": {"latencyMs": 10},
        }
    return completion(text)


def error(provider: str, code: str, message: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The body and headers of an error."""
    if provider == "anthropic":
        return {"type": "error", "error": {"type": code, "message": message}}, {}
    if provider == "google":
        return {"error": {"code": 400, "message": message, "status": code}}, {}
    if provider == "bedrock":
        return {"message": message}, {"x-amzn-ErrorType": code}
    return {"error": {"message": message, "type": None, "code": code}}, {}
