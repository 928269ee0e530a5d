"""Who can reach a server."""

from docstage.domain.errors import ConfigurationError
from docstage.settings import is_loopback


def check_exposure(host: str, token: str) -> None:
    """Refuse to be reachable by others without a token.

    Raises:
        ConfigurationError: others could reach a server that listens there, and there is no token.
    """
    if not token and not is_loopback(host):
        raise ConfigurationError(
            f"On {host} others could reach this server: set a token, or listen on 127.0.0.1."
        )
