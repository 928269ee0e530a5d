"""Makes the client that a connection needs."""

from docstage.models.catalogue import get_provider
from docstage.models.libraries import check_library
from docstage.models.protocol import ConnectionConfig, ModelClient


def create_client(config: ConnectionConfig) -> ModelClient:
    """A client for the connection. Nothing is sent before its first use.

    Raises:
        InvalidInput: the provider is unknown, or the connection lacks what it needs, such as an address.
        LibraryMissing: the provider's library is not installed.
    """
    # These import libraries that take long: no start should wait for them, nor a connection of another kind.
    provider = get_provider(config.provider)
    if provider.api == "ollama":
        from docstage.models.ollama import OllamaClient

        return OllamaClient(config)
    if provider.api == "chat":
        from docstage.models.wire import WireClient

        return WireClient(config)
    check_library(config.provider)
    from docstage.models.pydantic_ai_client import PydanticAIClient

    return PydanticAIClient(config)
