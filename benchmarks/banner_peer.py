"""What the banner and the one of django-cookie-consent cost a page, in one process and in turn; prints JSON.

Each is the part of a page that asks: ours as the site's pages hold it, theirs with the tags that its documentation puts
into a template, its groups kept in the same cache. Then the same with each one's middleware around it.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Final

import django
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

TURNS: Final = 50
_SERVICES: Final = ("analytics", "video")
_OURS: Final = "{{ cookie_banner }}"
_THEIRS: Final = """{% load cookie_consent_tags %}{% if request|cookie_consent_enabled %}
{% not_accepted_or_declined_cookie_groups request as groups %}{% if groups %}
<template id="cookie-consent__cookie-bar"><div class="cookie-bar">May we use {{ groups|join:", " }} cookies?
<button type="button" class="cookie-consent__accept">Accept</button>
<button type="button" class="cookie-consent__decline">Decline</button>
<a href="{% url 'cookie_consent_cookie_group_list' %}">More</a></div></template>
{% all_cookie_groups 'cookie-consent__cookie-groups' %}
<script type="module" src="/static/cookie_consent/cookiebar.module.js"></script>{% endif %}{% endif %}"""

Part = Callable[[], object]


def main(rounds: int) -> None:
    """The seconds of one banner each, `rounds` times the median of some in a row."""
    django.setup()
    call_command("migrate", "cookie_consent", verbosity=0)
    _fill()
    parts = _parts()
    for part in parts.values():
        part()
    found: dict[str, list[float]] = {name: [] for name in parts}
    for _round in range(rounds):
        for name, part in parts.items():
            found[name].append(_seconds(part))
    sys.stdout.write(json.dumps(found) + "\n")


def _fill() -> None:
    """As many groups as our register asks about by itself, and one more."""
    peer = import_module("cookie_consent.models")
    for name in _SERVICES:
        group = peer.CookieGroup.objects.create(varname=name, name=name, description=f"Cookies for {name}.")
        peer.Cookie.objects.create(cookiegroup=group, name=f"_{name}", description="", path="/", domain="")


def _parts() -> dict[str, Part]:
    from cookies.context import consent  # noqa: PLC0415 - models load only on the stage
    from cookies.middleware import ConsentMiddleware  # noqa: PLC0415 - the same

    cleaning = import_module("cookie_consent.middleware").CleanCookiesMiddleware
    ours, theirs = Template(_OURS), Template(_THEIRS)
    requests = RequestFactory(SERVER_NAME="localhost")

    def render_ours(request: HttpRequest) -> HttpResponse:
        return HttpResponse(ours.render(Context(consent(request))))

    def render_theirs(request: HttpRequest) -> HttpResponse:
        return HttpResponse(theirs.render(Context({"request": request})))

    def empty(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    asked = requests.get("/")
    ConsentMiddleware(empty)(asked)
    if b"cookie-banner" not in render_ours(asked).content or b"cookie-bar" not in render_theirs(asked).content:
        raise SystemExit("One of the banners is not there.")
    return {
        "nothing": lambda: empty(asked),
        "ours": lambda: render_ours(asked),
        "theirs": lambda: render_theirs(asked),
        "nothing, new request": lambda: empty(requests.get("/")),
        "ours with middleware": lambda: ConsentMiddleware(render_ours)(requests.get("/")),
        "theirs with middleware": lambda: cleaning(render_theirs)(requests.get("/")),
    }


def _seconds(part: Part) -> float:
    """The middle one of some in a row: another process that has the core meanwhile spoils one."""
    times = []
    for _turn in range(TURNS):
        begun = time.perf_counter()
        part()
        times.append(time.perf_counter() - begun)
    return sorted(times)[TURNS // 2]


if __name__ == "__main__":
    main(int(sys.argv[1]))
