"""How fsspec asks web servers: the only importer of aiohttp.

A redirect goes to the same server, or to a public one by https. A name of a public server that
stands for an address of the machine or of its cloud is refused.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from mergeline.specs.address import is_internal, literal_address, unsafe_address

if TYPE_CHECKING:
    from aiohttp import ClientSession

_LOCAL = "localhost"


class UnsafeAddressError(ValueError):
    """Data must not be read from an address.

    Attributes:
        hint: what to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def check_address(address: str) -> None:
    """Look at the address itself.

    Raises:
        UnsafeAddressError: data must not be read from it.
    """
    unsafe = unsafe_address(address)
    if unsafe is not None:
        raise UnsafeAddressError(*unsafe)


def web_options(address: str) -> dict[str, Any]:
    """Return fsspec's options for an address of a web server."""

    async def client(**options: Any) -> ClientSession:
        return _session(address, options)

    return {"get_client": client}


def _session(declared: str, options: dict[str, Any]) -> ClientSession:
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

    origin = _origin(declared)[1:]

    class Resolver(AbstractResolver):
        """Refuses what a name must not stand for."""

        def __init__(self) -> None:
            self._resolver = aiohttp.ThreadedResolver()

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = await self._resolver.resolve(host, port, family)
            for each in found:
                _check_number(each["host"], host, declared=(host, port) == origin)
            return found

        async def close(self) -> None:
            await self._resolver.close()

    async def redirected(_session: Any, _context: Any, asked: Any) -> None:
        headers = asked.response.headers
        place = headers.get("Location") or headers.get("URI") or ""
        _check_redirect(declared, urljoin(str(asked.url), place))

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(redirected)
    connector = aiohttp.TCPConnector(resolver=Resolver())
    return aiohttp.ClientSession(connector=connector, trace_configs=[trace], **options)


def _check_redirect(declared: str, place: str) -> None:
    if _origin(place) == _origin(declared):
        return
    hint = "write the address that it leads to"
    if urlsplit(place).scheme != "https":
        raise UnsafeAddressError(f"{declared} leads to {place}, which is not https", hint)
    check_address(place)
    host = urlsplit(place).hostname or ""
    if literal_address(host) is not None:
        _check_number(host, host, declared=False)


def _check_number(number: str, name: str, *, declared: bool) -> None:
    """Look at what a name stands for; one that data.yaml declares may be of an own network."""
    found = ip_address(number.partition("%")[0])
    own = found.is_loopback and name != _LOCAL
    if is_internal(found) or own or not (declared or found.is_global):
        message = f"{name} stands for {number}, which is not an address of data"
        raise UnsafeAddressError(message, "write https:// with the name of a server of data")


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
