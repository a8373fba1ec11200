"""Whom a request comes from, and what counts as one customer."""

import pytest

from journal.web.addresses import UNKNOWN, _written, networks


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5678", "192.0.2.7"),
        ("[2001:db8::7]:5678", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("192.0.2.7:x", UNKNOWN),
        ("", UNKNOWN),
        ("unix:", UNKNOWN),
    ],
)
def test_an_address_is_read_without_the_port_that_some_proxies_write(written: str, address: str) -> None:
    assert _written(written) == address


def test_one_customer_is_an_address_or_two_networks_of_ipv6() -> None:
    assert networks("192.0.2.7") == ("192.0.2.7",)
    assert networks("2001:db8::7") == ("2001:db8::/64", "2001:db8::/56")
    assert networks("2001:db8::8:7") == networks("2001:db8::7")
    assert networks("2001:db8:0:1::7") == ("2001:db8:0:1::/64", "2001:db8::/56")
    assert networks("2001:db8:0:100::7")[1] == "2001:db8:0:100::/56"
    assert networks("::ffff:192.0.2.7") == ("192.0.2.7",)
    assert networks(UNKNOWN) == (UNKNOWN,)
