"""Names of models: the same model told in another way, and another model."""

import pytest

from docstage.models.other_models import is_other_model


@pytest.mark.parametrize(
    ("provider", "asked", "served"),
    [
        ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
        ("openai", "gpt-4", "gpt-4-0613"),
        ("openai", "gpt-5-chat-latest", "gpt-5-chat"),
        ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("anthropic", "claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
        ("google", "gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("google", "gemini-1.5-pro", "gemini-1.5-pro-002"),
        ("google", "gemini-flash-latest", "gemini-2.5-flash-preview-09-2025"),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("mistral", "mistral-large-latest", "mistral-large-2411"),
        ("groq", "llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct:free", "meta-llama/llama-3.3-70b-instruct"),
        ("openrouter", "openrouter/auto", "anthropic/claude-sonnet-4.5"),
        ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("openai-compatible", "Qwen/Qwen3-8B:together", "Qwen/Qwen3-8B"),
        ("openai-compatible", "qwen2.5-7b", "/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf"),
        ("openai-compatible", "qwen2.5-7b", "C:\\models\\qwen2.5-7b-instruct-q4_k_m.gguf"),
        ("llamacpp", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"),
        ("ollama", "llama3.2", "llama3.2:latest"),
        ("vllm", "/srv/models/Mistral-7B-Instruct-v0.3", "Mistral-7B-Instruct-v0.3"),
        ("lmstudio", "qwen3-8b", "qwen3-8b@q4_k_m"),
        ("azure", "prod", "gpt-4o-2024-08-06"),
        ("deepseek", "deepseek-chat", "deepseek-v3.2"),
        ("openai", "gpt-4o", None),
        ("openai", "gpt-4o", ""),
    ],
)
def test_the_same_model_by_another_name(provider: str, asked: str, served: str | None) -> None:
    """Dates, tags, makers, files and how it is packed make no other model."""
    assert not is_other_model(provider, asked, served)


@pytest.mark.parametrize(
    ("provider", "asked", "served"),
    [
        ("openai", "gpt-4o", "gpt-4o-mini-2024-07-18"),
        ("openai", "gpt-4o", "gpt-3.5-turbo-0125"),
        ("openai", "gpt-5", "gpt-5-mini"),
        ("openai", "gpt-4", "gpt-4-turbo-2024-04-09"),
        ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-20250514"),
        ("anthropic", "claude-opus-4-1", "claude-sonnet-4-5-20250929"),
        ("google", "gemini-2.5-pro", "gemini-2.5-flash"),
        ("google", "gemini-flash-latest", "gemini-2.5-flash-lite"),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct", "meta-llama/llama-3.1-8b-instruct"),
        ("ollama", "qwen3:8b", "qwen3:4b"),
        ("llamacpp", "qwen2.5-7b-instruct", "smollm2-135m-instruct"),
        ("openai-compatible", "gpt-4o", "/models/llama-3-8b.gguf"),
    ],
)
def test_another_model(provider: str, asked: str, served: str) -> None:
    """A smaller one, another version, another family."""
    assert is_other_model(provider, asked, served)
