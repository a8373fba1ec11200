"""Where a request comes from, as far as the proxies in front can be believed."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from quart import request

UNKNOWN = "unknown"


def client_address(proxies: int) -> str:
    """The address that the outermost of so many trusted proxies saw; without proxies the connection's own."""
    hops = [hop.strip() for line in request.headers.getlist("X-Forwarded-For") for hop in line.split(",")]
    seen = [*hops, request.remote_addr or ""][-(proxies + 1) :]
    return _written(seen[0]) if len(seen) == proxies + 1 else _written(request.remote_addr or "")


def _written(text: str) -> str:
    """The address alone: some proxies write the port behind it."""
    text = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text)
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return UNKNOWN


def referring_path() -> str:
    """The path of the page that sent this request, by its Referer; empty if there is none."""
    try:
        return urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        return ""


def networks(address: str) -> tuple[str, ...]:
    """What one customer of a provider has: the address itself, or for IPv6 its /64 and the /56 around it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return (address,)
    if not isinstance(parsed, IPv6Address):
        return (address,)
    if parsed.ipv4_mapped:
        return (str(parsed.ipv4_mapped),)
    return tuple(str(IPv6Network((parsed, length), strict=False)) for length in (64, 56))
