"""Prices of models."""

import pytest

from docstage.domain.usage import Price
from docstage.models.addresses import is_private_address
from docstage.models.prices import price_of


def test_list_price() -> None:
    """A known model at its provider's own address has the list price."""
    price = price_of("openai", "gpt-4o")
    assert price == Price(2.5, 10.0, 1.25, source="genai-prices")
    assert price_of("openai", "gpt-4o", base_url="https://api.openai.com/v1") == price


@pytest.mark.parametrize("base_url", ["http://localhost:8000/v1", "https://gateway.example.com/v1"])
def test_same_name_elsewhere_is_not_priced(base_url: str) -> None:
    """A server that calls its model as OpenAI does is not priced as OpenAI."""
    assert price_of("openai", "gpt-4o", base_url=base_url) is None
    assert price_of("openai-compatible", "gpt-4o", base_url=base_url) is None


def test_local_servers_cost_nothing() -> None:
    """A server on this machine or in the own network costs nothing; a rented one is unknown."""
    assert price_of("ollama", "gpt-4o") == Price(0.0, 0.0, source="local")
    assert price_of("vllm", "m", base_url="http://192.168.1.7:8000/v1") == Price(0.0, 0.0, source="local")
    assert price_of("vllm", "m", base_url="https://gpu.example.com/v1") is None
    assert price_of("simulated", "any") == Price(0.0, 0.0, source="simulator")


def test_unknown_is_not_zero() -> None:
    """An unknown model has no price."""
    assert price_of("openai", "no-such-model") is None


def test_override() -> None:
    """The connection's prices come first; what they lack comes from the list, or the price stays unknown."""
    assert price_of("openai", "gpt-4o", {"input": 1.0, "output": 2.0}) == Price(1.0, 2.0, None, "connection")
    assert price_of("openai", "gpt-4o", {"output": 2.0}) == Price(2.5, 2.0, 1.25, "connection")
    assert price_of("openai", "no-such-model", {"output": 2.0}) is None


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.1", True),
        ("http://ollama:11434", True),
        ("http://host.docker.internal", True),
        ("http://8.8.8.8", False),
        ("https://api.openai.com", False),
    ],
)
def test_private_addresses(url: str, private: bool) -> None:
    """Loopback, private networks and local names are private."""
    assert is_private_address(url) is private
