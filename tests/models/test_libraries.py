"""Where a provider's library is not installed, that is told in words, and everything else works."""

import sys

import pytest

from docstage.domain.errors import ConfigurationError
from docstage.models.catalogue import PROVIDERS
from docstage.models.diagnose import diagnose
from docstage.models.factory import create_client
from docstage.models.libraries import LibraryMissing, missing_library
from docstage.models.protocol import ConnectionConfig
from docstage.store.database import Database

OF_LIBRARIES = [name for name, provider in PROVIDERS.items() if provider.api == "pydantic-ai"]
_ADDRESS = {"azure": "https://example.openai.azure.com"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if docstage had been installed without any extra."""
    for module in ("pydantic_ai", "anthropic", "boto3", "google.genai", "openai", "psycopg"):
        monkeypatch.setitem(sys.modules, module, None)  # so that find_spec raises, or finds nothing


def _config(provider: str) -> ConnectionConfig:
    return ConnectionConfig(provider, "a-model", base_url=_ADDRESS.get(provider), api_key="key")


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_with_all_extras_nothing_is_missing(provider: str) -> None:
    """The extra of each provider brings what is looked for."""
    assert missing_library(provider) is None


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_only_providers_with_a_library_miss_one(provider: str) -> None:
    """Those that speak the OpenAI chat API need nothing but docstage."""
    assert (missing_library(provider) is not None) == (provider in OF_LIBRARIES)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("provider", OF_LIBRARIES)
async def test_a_missing_library_is_told_with_its_extra(provider: str) -> None:
    """When a client is made, as lanes do, and by a test of the connection."""
    with pytest.raises(LibraryMissing, match=rf"docstage\[{provider}\]"):
        create_client(_config(provider))
    found = await diagnose(_config(provider))
    assert not found.ok
    assert f"docstage[{provider}]" in found.message


@pytest.mark.usefixtures("bare")
def test_postgresql_without_its_driver_is_told() -> None:
    """Instead of an error of the database library."""
    with pytest.raises(ConfigurationError, match=r"docstage\[postgres\]"):
        Database("postgresql://localhost/x")
