"""Whose address it is: through trusted proxies only, however they write it."""

from typing import Any

import msgspec
import pytest

from kit import config, security


@pytest.fixture(autouse=True)
def behind_a_proxy(settings):
    config.use(msgspec.structs.replace(settings, trusted_proxies=("10.0.0.0/8",)))
    yield
    config.use(settings)


def address(peer: str, *lines: bytes) -> str:
    scope: Any = {"client": (peer, 1), "headers": [(b"x-forwarded-for", line) for line in lines]}
    return security.client_address(scope)


@pytest.mark.parametrize(
    ("peer", "lines", "whose"),
    [
        (
            "203.0.113.9",
            [b"198.51.100.1"],
            "203.0.113.9",
        ),  # not a proxy of ours: what it says is not believed
        ("203.0.113.9:51234", [], "203.0.113.9"),  # as a server that reads the header itself may put it
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [b"6.6.6.6", b"198.51.100.1"], "198.51.100.1"),  # HAProxy adds a line of its own
        ("10.0.0.1", [b"198.51.100.1:51234"], "198.51.100.1"),
        ("10.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", [b"[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.1", [b" , ,"], "10.0.0.1"),
    ],
)
def test_the_callers_address(peer, lines, whose):
    assert address(peer, *lines) == whose


def test_one_network_of_ipv6_is_one_neighbour():
    assert security.neighbourhood("2001:db8:1:2::1") == security.neighbourhood("2001:db8:1:2:ffff::9")
    assert security.neighbourhood("2001:db8:1:2::1") != security.neighbourhood("2001:db8:1:3::1")
    assert security.neighbourhood("::ffff:198.51.100.1") == "198.51.100.1"
    assert (
        security.neighbourhood("198.51.100.1") == "198.51.100.1" and security.neighbourhood("junk") == "junk"
    )
