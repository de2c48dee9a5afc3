"""How brokers are reached, and what the broker that answers can do."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    GroupLoadInProgressError,
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NoError,
    SaslAuthenticationFailed,
    for_code,
)
from aiokafka.protocol.transaction import InitProducerIdRequest
from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

from streams.errors import MilepostError, Unavailable

logger = logging.getLogger(__name__)

Idempotence = Literal["auto", "on", "off"]

_REFUSALS = (AuthenticationFailedError, AuthenticationMethodNotSupported, SaslAuthenticationFailed)


@dataclass(frozen=True, slots=True)
class Connection:
    """Addresses, TLS and SASL of the brokers; what every client is made with."""

    bootstrap: str
    """``host:port``, several separated by commas."""
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = field(default=None, repr=False)
    sasl_password: str | None = field(default=None, repr=False)
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """Keyword arguments of every aiokafka client."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security_protocol,
            "ssl_context": self.ssl_context,
        }
        if self.sasl_mechanism is not None:
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password,
            }
        return options


@asynccontextmanager
async def admin(connection: Connection) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and their configuration."""
    client = AIOKafkaAdminClient(**connection.options())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


def passes(error: BaseException) -> bool:
    """Whether trying again can help: brokers away, leaders moving, time-outs."""
    return isinstance(error, KafkaTimeoutError | OSError | TimeoutError) or bool(
        isinstance(error, KafkaError) and error.retriable
    )


async def wait_for_broker(connection: Connection, patience: float) -> None:
    """Return once a broker answers.

    Args:
        connection: where and how.
        patience: seconds to go on trying.

    Raises:
        Unavailable: nothing answered in that time, or it refused who we are.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # each failed try is told here, once
    begun = time.monotonic()

    def tell(_state: object) -> None:
        logger.warning(
            "no Kafka broker answers at %s yet (%.0f of %.0f s)",
            connection.bootstrap,
            time.monotonic() - begun,
            patience,
        )

    try:
        async for attempt in AsyncRetrying(
            stop=stop_after_delay(patience),
            wait=wait_fixed(min(2.0, patience)),
            retry=retry_if_exception_type((KafkaError, OSError, asyncio.TimeoutError)),
            before_sleep=tell,
        ):
            with attempt:
                await _answer(connection)
    except RetryError as error:
        reason = error.last_attempt.exception()
        raise Unavailable(
            f"no Kafka broker answered at {connection.bootstrap} within {patience:.0f} s"
            f" ({_in_words(reason)}): is it up, and is this its address? (MILEPOST_BOOTSTRAP or"
            " KAFKA_BOOTSTRAP)"
        ) from error
    finally:
        logging.getLogger("aiokafka").setLevel(logging.WARNING)


async def _answer(connection: Connection) -> None:
    client = AIOKafkaClient(**connection.options(), request_timeout_ms=5_000)
    try:
        await client.bootstrap()
    except _REFUSALS as error:
        raise Unavailable(
            f"the Kafka broker at {connection.bootstrap} refused the login ({_in_words(error)}):"
            " check MILEPOST_SECURITY_PROTOCOL and MILEPOST_SASL_*"
        ) from error
    finally:
        await client.close()


def _in_words(error: BaseException | None) -> str:
    if isinstance(error, KafkaConnectionError):
        return "no connection"
    return str(error).splitlines()[0] if error and str(error) else type(error).__name__


async def decide_idempotence(connection: Connection, choice: Idempotence) -> bool:
    """Whether producers are to be idempotent; ``auto`` asks the broker.

    Raises:
        MilepostError: the broker knows idempotent producers and refuses this one.
    """
    return choice == "on" or (choice == "auto" and await supports_idempotence(connection))


async def supports_idempotence(connection: Connection) -> bool:
    """Whether the broker hands out producer ids, found out by asking for one.

    The embedded broker does not: its writes are acknowledged, but a retried one may be doubled.

    Raises:
        MilepostError: the broker knows idempotent producers and refuses this one.
    """
    client = AIOKafkaClient(**connection.options())
    try:
        await client.bootstrap()
        for _ in range(50):
            request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60_000)
            try:
                answer = await client.send(client.get_random_node(), request)
            except IncompatibleBrokerVersion:
                return False
            error = for_code(answer.error_code)
            if error is not GroupLoadInProgressError and not error.retriable:
                break
            await asyncio.sleep(0.2)  # a broker that has just started still loads its coordinator
    finally:
        await client.close()
    if error is NoError:
        return True
    if answer.error_code == -1:
        return False
    raise MilepostError(
        f"the Kafka broker at {connection.bootstrap} refuses an idempotent producer"
        f" ({error.__name__}): allow IdempotentWrite, or set MILEPOST_IDEMPOTENCE=off"
    )
