"""Makes the client that a connection needs."""

from docstage.models.catalogue import get_provider
from docstage.models.protocol import ConnectionConfig, ModelClient
from docstage.models.wire import WireClient


def create_client(config: ConnectionConfig) -> ModelClient:
    """A client for the connection. Nothing is sent before its first use.

    Raises:
        InvalidInput: the provider is unknown, or the connection lacks what it needs, such as an address.
    """
    if get_provider(config.provider).api == "chat":
        return WireClient(config)
    # The SDKs behind it take over a second to import, which only connections that need them should cost.
    from docstage.models.pydantic_ai_client import PydanticAIClient

    return PydanticAIClient(config)
