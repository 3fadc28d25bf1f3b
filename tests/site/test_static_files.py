"""Stylesheets, scripts and pictures as production serves them: named by their content, packed, kept by browsers."""

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import brotli
import pytest

from runner import check, places, supervise
from tests.web import serving

pytestmark = pytest.mark.network  # the loopback: a server of its own

_UNPACK: Final[dict[str | None, Callable[[bytes], bytes]]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}
_NAMES: Final = ("tokens.css", "site.css", "desk.css", "mark.svg", "cookies.js")
_STYLES: Final = ("tokens.css", "site.css", "desk.css")


class Server:
    """gunicorn in production mode, without any database, with the files that were collected for it."""

    def __init__(self, port: int, names: dict[str, str]) -> None:
        self._port = port
        self._names = names

    def path(self, name: str) -> str:
        """The address of a file, as a page names it."""
        return f"/static/{self._names[name]}"

    def ask(self, name: str, accepted: str) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer to a browser that accepts these encodings, and the bytes that came over the wire."""
        headers = {"Host": "qlekta.example", "X-Forwarded-Proto": "https", "Accept-Encoding": accepted}
        # The socket listens before gunicorn is up: the first question waits for it.
        connection = http.client.HTTPConnection(supervise.HOST, self._port, timeout=60)
        try:
            connection.request("GET", self.path(name), headers=headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("var")
    production = {**check.production(), "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "qlekta.settings"}
    environment = {**os.environ, **production}
    collect = [sys.executable, "-m", "manage", "collectstatic", "--no-input"]
    subprocess.run(collect, env=environment, cwd=places.PROJECT, check=True, stdout=subprocess.DEVNULL)
    names = json.loads((var / "static" / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    with serving(environment) as (port, _child):
        yield Server(port, names)


@pytest.mark.parametrize("name", _NAMES)
def test_a_file_is_named_by_its_content_and_kept_for_good(server: Server, name: str) -> None:
    answer, body = server.ask(name, "gzip, br")
    assert re.fullmatch(rf"/static/{Path(name).stem}\.[0-9a-f]{{12}}\{Path(name).suffix}", server.path(name))
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert body


@pytest.mark.parametrize("name", _STYLES)
@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip, deflate, br, zstd", "br"), ("br", "br"), ("gzip", "gzip"), ("identity", None)],
)
def test_a_file_comes_packed_as_the_browser_can_read_it(
    server: Server, name: str, accepted: str, packed: str | None
) -> None:
    answer, body = server.ask(name, accepted)
    assert answer.headers["Content-Encoding"] == packed
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert _UNPACK[packed](body) == _UNPACK[None](server.ask(name, "identity")[1])


def test_the_styles_of_a_page_are_small(server: Server) -> None:
    sizes = {
        packing: sum(len(server.ask(name, packing)[1]) for name in ("tokens.css", "site.css"))
        for packing in ("gzip", "br")
    }
    assert sizes["br"] < sizes["gzip"] < 8_000
    assert sizes["br"] < 7_000


@pytest.mark.parametrize("name", ["site.css", "desk.css"])
def test_no_colour_is_named_outside_the_tokens(name: str) -> None:
    """One list of colours, so that the night and a new brand are changed in one place."""
    style = (places.PROJECT / "static" / name).read_text(encoding="utf-8")
    values = re.findall(r":([^{};]*);", style)
    assert [
        value
        for value in values
        if re.search(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|\b(?:white|black|red)\b", value)
    ] == []
