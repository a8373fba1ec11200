"""Client address: reads it from X-Forwarded-For, as far as the trusted proxies in front wrote it."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from quart import request

UNKNOWN = "unknown"


def client_address(proxies: int) -> str:
    """The address that the outermost trusted proxy saw, or the connection's if there are no proxies."""
    hops = [hop.strip() for line in request.headers.getlist("X-Forwarded-For") for hop in line.split(",")]
    seen = [*hops, request.remote_addr or ""][-(proxies + 1) :]
    return _written(seen[0]) if len(seen) == proxies + 1 else _written(request.remote_addr or "")


def _written(text: str) -> str:
    """The address without the port that some proxies append."""
    text = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text)
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return UNKNOWN


def referring_path() -> str:
    """The path in the Referer header, empty if there is none."""
    try:
        return urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        return ""


def networks(address: str) -> tuple[str, ...]:
    """The networks that one customer of a provider may own: an IPv4 address, or the /64 and /56 of an IPv6
    address. Rate limits count by them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return (address,)
    if not isinstance(parsed, IPv6Address):
        return (address,)
    if parsed.ipv4_mapped:
        return (str(parsed.ipv4_mapped),)
    return tuple(str(IPv6Network((parsed, length), strict=False)) for length in (64, 56))
