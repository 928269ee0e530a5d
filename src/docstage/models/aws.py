"""Clients of Amazon's services, with a Bedrock API key or the machine's own AWS credentials."""

from importlib import import_module
from typing import Any

from docstage.domain.errors import InvalidInput
from docstage.models.forbidden import resolve_allowed
from docstage.models.network import aws_address, certificates_file, proxy_of
from docstage.models.protocol import ConnectionConfig

CONNECT_SECONDS = 15.0


# These come without type hints, so they are taken as untyped objects.
_boto3: Any = import_module("boto3")
_session: Any = import_module("botocore.session")
_config: Any = import_module("botocore.config")
_requests: Any = import_module("botocore.awsrequest")
_sockets: Any = import_module("urllib3.util.connection")
_urllib3: Any = import_module("urllib3.exceptions")
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
    base = _session_with_key(config.api_key) if config.api_key else None
    try:
        session = _boto3.Session(botocore_session=base, region_name=config.extra.get("region"))
        client = session.client(
            service,
            config=_settings(config, config.base_url or aws_address(service, session.region_name)),
            endpoint_url=config.base_url,
            verify=certificates_file(),
        )
    except _SETUP_ERRORS as error:
        raise InvalidInput(f"Amazon Bedrock cannot be set up: {error} Is `region` set?") from None
    # The pools that the library makes its connections from; it has no public way to say which.
    client._endpoint.http_session._pool_classes_by_scheme.update(http=_Pool, https=_SecurePool)
    return client


def _settings(config: ConnectionConfig, address: str) -> Any:
    proxy = proxy_of(address)
    options: dict[str, Any] = {"signature_version": "bearer"} if config.api_key else {}
    return _config.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=config.timeout,
        retries={"total_max_attempts": 1},
        max_pool_connections=max(10, config.concurrency),
        # Not None, for which the library would read the environment by rules of its own.
        proxies={} if proxy is None else {"http": str(proxy), "https": str(proxy)},
        **options,
    )


class _LooksFirst:
    """Of a connection: lets it connect to nothing but addresses that were looked at, whoever named the host.

    Credentials are fetched by clients of the library's own, which this does not concern: what they ask is for
    whoever runs docstage to say, and its answer goes nowhere but into signatures.
    """

    def _new_conn(self: Any) -> Any:
        try:
            addresses = resolve_allowed(self._dns_host, self.port)
            return self._connect_to(addresses)
        except TimeoutError as error:
            raise _urllib3.ConnectTimeoutError(self, f"{self.host} does not answer") from error
        except OSError as error:
            raise _urllib3.NewConnectionError(self, str(error.strerror or error)) from error

    def _connect_to(self: Any, addresses: list[str]) -> Any:
        """Connect to the first that answers. Raises OSError."""
        failed: OSError = OSError(f"{self.host} has no address")
        for address in addresses:
            try:
                return _sockets.create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                failed = error
        raise failed


class _Connection(_LooksFirst, _requests.AWSHTTPConnection):  # type: ignore[misc]
    pass


class _SecureConnection(_LooksFirst, _requests.AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(_requests.AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Connection


class _SecurePool(_requests.AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _SecureConnection


def _session_with_key(key: str) -> Any:
    """A session that signs with a Bedrock API key instead of AWS credentials."""
    session = _session.Session()
    session.get_auth_token = lambda **_options: _tokens.FrozenAuthToken(key)
    session.get_credentials = lambda: None
    return session
