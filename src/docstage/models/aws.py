"""Clients of Amazon's services, with a Bedrock API key or the machine's own AWS credentials."""

from importlib import import_module
from typing import Any

from docstage.domain.errors import InvalidInput
from docstage.models.protocol import ConnectionConfig

CONNECT_SECONDS = 15.0


# These come without type hints, so they are taken as untyped objects.
_boto3: Any = import_module("boto3")
_session: Any = import_module("botocore.session")
_config: Any = import_module("botocore.config")
_tokens: Any = import_module("botocore.tokens")
_exceptions: Any = import_module("botocore.exceptions")
AWS_ERRORS: tuple[type[Exception], ...] = (_exceptions.BotoCoreError, _exceptions.ClientError)
_SETUP_ERRORS: tuple[type[Exception], ...] = (*AWS_ERRORS, ValueError)


def create_aws_client(service: str, config: ConnectionConfig) -> Any:
    """A boto3 client without retries and with a connection for every call at once.

    Args:
        service: `bedrock-runtime` or `bedrock`.
        config: the connection; its region is `region` among the extra members, or the machine's default.

    Raises:
        InvalidInput: no region is known, or the AWS configuration cannot be read.
    """
    options: dict[str, Any] = {"signature_version": "bearer"} if config.api_key else {}
    settings = _config.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=config.timeout,
        retries={"total_max_attempts": 1},
        max_pool_connections=max(10, config.concurrency),
        **options,
    )
    base = _session_with_key(config.api_key) if config.api_key else None
    try:
        session = _boto3.Session(botocore_session=base, region_name=config.extra.get("region"))
        return session.client(service, config=settings, endpoint_url=config.base_url)
    except _SETUP_ERRORS as error:
        raise InvalidInput(f"Amazon Bedrock cannot be set up: {error} Is `region` set?") from None


def _session_with_key(key: str) -> Any:
    """A session that signs with a Bedrock API key instead of AWS credentials."""
    session = _session.Session()
    session.get_auth_token = lambda **_options: _tokens.FrozenAuthToken(key)
    session.get_credentials = lambda: None
    return session
