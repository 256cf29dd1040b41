"""Which addresses data may be read from: each names one file, by a scheme that only reads.

fsspec knows dozens of schemes; some execute what they read (`reference`), open another address
(`zip://…::https://…`), or read any file of the machine.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

# docs/data.md lists them.
SCHEMES = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "https", "http", "file")
TABLES = (".csv", ".parquet")
_FILE = "file://"
# What tells a machine of a cloud its credentials; the rest are link-local.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254"))
)
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
# What the system's resolver reads as an IP address as well, such as 0x7f.1.
_NUMBER = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+))*\.?\Z")
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def unsafe_address(address: str) -> tuple[str, str] | None:
    """Return what is wrong with an address and the hint; None if data may be read from it."""
    scheme, separator, rest = address.partition("://")
    if "::" in _without_host(scheme, rest):
        return "the address chains several file systems", "write the address of one file"
    if not separator or scheme not in SCHEMES:
        return f'"{scheme}" is not an allowed scheme', f"allowed: {', '.join(SCHEMES)}"
    if scheme == "file":
        return unsafe_path(address.removeprefix(_FILE))
    if scheme in {"http", "https"}:
        return _unsafe_host(address)
    return None


def unsafe_path(path: str) -> tuple[str, str] | None:
    """Return what is wrong with the path of a local table and the hint; None if nothing is."""
    if not path.startswith("/"):
        return "a file needs an absolute path", "write file:///…, or use a source of type file"
    if not path.endswith(TABLES):
        return f"{path} is not a table", f"allowed: {', '.join(TABLES)}"
    hidden = next((part for part in path.split("/") if part.startswith(".")), None)
    if hidden is not None:
        return f'{path} is in the hidden "{hidden}"', "put the file elsewhere"
    return None


def is_internal(address: IpAddress) -> bool:
    """Tell whether an address serves machines of a cloud, or no single machine."""
    address = getattr(address, "ipv4_mapped", None) or address
    return (
        address in _METADATA
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )


def literal_address(host: str) -> IpAddress | None:
    """Return the IP address that a host is written as; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _without_host(scheme: str, rest: str) -> str:
    """Leave out the brackets of an IPv6 address, in which :: is no chain."""
    if scheme in {"http", "https"} and rest.startswith("["):
        return rest.partition("]")[2]
    return scheme + rest


def _unsafe_host(address: str) -> tuple[str, str] | None:
    hint = "write https://HOST/PATH"
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    if not host or "\\" in address:
        return "the address has no host", hint
    literal = literal_address(host)
    if literal is None and _NUMBER.match(host):
        return f"{host} is not written as an IP address", hint
    if host.rstrip(".") in _METADATA_NAMES or (literal is not None and is_internal(literal)):
        return f"{host} serves the machine itself, not data", hint
    return None
