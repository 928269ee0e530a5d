"""The catalogue of providers."""

import pytest

from docstage.domain.errors import InvalidInput
from docstage.models.catalogue import PROVIDERS, get_provider, takes_images


def test_every_provider_is_complete() -> None:
    """Providers are keyed by their names, local ones have a port, and those with a key name its variable."""
    for name, provider in PROVIDERS.items():
        assert provider.name == name
        assert provider.title
        assert provider.hint
        assert provider.key_env or not provider.needs_key


def test_unknown_provider_names_the_known() -> None:
    """A typing error is answered with what there is."""
    with pytest.raises(InvalidInput, match=r"openai.*llamacpp"):
        get_provider("opnai")


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("openai", "gpt-5.1"),
        ("anthropic", "claude-sonnet-4-6"),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("bedrock", "amazon.nova-lite-v1:0"),
        ("google", "gemini-2.5-flash"),
        ("ollama", "llama3.2-vision:11b"),
        ("ollama", "gemma3:12b"),
        ("openrouter", "qwen/qwen2.5-vl-72b-instruct"),
        ("simulated", "anything"),
    ],
)
def test_models_that_see(provider: str, model: str) -> None:
    """Models of families documented to read images are known to."""
    assert takes_images(provider, model)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-3.5-turbo"),
        ("openai", "o3-mini"),
        ("openai", "gpt-4o-audio-preview"),
        ("anthropic", "claude-2.1"),
        ("bedrock", "amazon.nova-micro-v1:0"),
        ("ollama", "llama3.2:3b"),
        ("ollama", "gemma3:1b"),
        ("deepseek", "deepseek-chat"),
        ("llamacpp", "tiny-random"),
    ],
)
def test_models_that_do_not_see(provider: str, model: str) -> None:
    """All others are taken not to: nothing is sent that they would refuse."""
    assert not takes_images(provider, model)
