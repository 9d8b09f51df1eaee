"""Counting by address, for a minute, in a bounded memory."""

import pytest
from flask import Flask, request

from web import rates
from web.rates import Rate, address_of

MOST = 30


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_are_let_through_and_after_a_minute_again() -> None:
    clock = Clock()
    counted = Rate(MOST, clock)
    for _ in range(MOST):
        assert counted.wait_s("a") == 0
        counted.count("a")
    assert counted.wait_s("a") == 60
    assert counted.wait_s("b") == 0
    clock.now += 59.5
    assert counted.wait_s("a") == 1
    clock.now += 0.5
    assert counted.wait_s("a") == 0
    counted.count("a")
    assert counted.wait_s("a") == 0


def test_no_more_than_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_ADDRESSES", 3)
    counted = Rate(MOST, Clock())
    for address in "abcd":
        counted.count(address)
    assert list(counted._counted) == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("9.9.9.9", None, "9.9.9.9"),
        ("9.9.9.9", "8.8.4.4", "9.9.9.9"),  # only a proxy of ours is believed
        ("127.0.0.1", "8.8.4.4", "8.8.4.4"),
        ("10.0.0.2", "6.6.6.6, 8.8.4.4", "8.8.4.4"),
        ("127.0.0.1", "rubbish", "127.0.0.1"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("", None, "unknown"),
    ],
)
def test_whose_request_it_is(wordy_app: Flask, peer: str, said: str | None, address: str) -> None:
    headers = {"X-Forwarded-For": said} if said else {}
    with wordy_app.test_request_context("/", headers=headers, environ_overrides={"REMOTE_ADDR": peer}):
        assert address_of(request) == address
