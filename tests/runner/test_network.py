"""The guard of the tests holds: nothing leaves the machine, and nothing uses the loopback unasked."""

import socket

import pytest

from tests.network import GUARD, NetworkRefusedError

OUTSIDE = ("192.0.2.1", 80)  # reserved for documentation: nobody answers there


@pytest.mark.parametrize("address", [OUTSIDE, ("127.0.0.1", 9)])
def test_a_test_cannot_open_a_connection(address: tuple[str, int]) -> None:
    with socket.socket() as line, pytest.raises(NetworkRefusedError):
        line.connect(address)


def test_a_test_cannot_look_up_a_name() -> None:
    with pytest.raises(NetworkRefusedError):
        socket.getaddrinfo("qlekta.example", 443)


def test_a_test_cannot_send_a_datagram() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as line, pytest.raises(NetworkRefusedError):
        line.sendto(b"canary", OUTSIDE)


@pytest.mark.sandbox
def test_a_test_of_a_sandbox_reaches_that_and_nobody_else() -> None:
    GUARD.check("api.escrow-sandbox.com")
    for host in ("api.escrow.com", "api.braintreegateway.com", "127.0.0.1", OUTSIDE[0]):
        with pytest.raises(NetworkRefusedError):
            GUARD.check(host)


@pytest.mark.network
def test_a_sandbox_is_out_of_reach_for_all_others() -> None:
    with pytest.raises(NetworkRefusedError):
        socket.getaddrinfo("api.escrow-sandbox.com", 443)


@pytest.mark.network
def test_a_marked_test_reaches_the_loopback_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as line:
        line.connect(server.getsockname())
        with pytest.raises(NetworkRefusedError):
            GUARD.check(OUTSIDE[0])
