"""The front page, the health of the site, and the pages for what went wrong."""

import sys
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from datamap.catalogue import catalogue
from dsar.api.problems import Kind, problem_outside_of_views
from outbox import gates
from outbox.queries import STUCK_AFTER, backlog
from qlekta.celery import HEARTBEAT_KEY, HEARTBEAT_LIMIT
from qlekta.kept_forms import comes_from_our_page, form_again
from registers.contracts import stopped_processors
from replay.guard import GUARD
from replay.journal import unwritten
from retention.clock import WHAT_TO_DO as CLOCK_WHAT_TO_DO
from retention.clock import is_waiting
from retention.holds import reviews_missed
from retention.queries import overdue
from retention.sealing import unsealed_too_long
from vault.standing import WHAT_TO_DO, masters_that_fail
from visits.standing import look

JOURNAL_LIMIT: Final = timedelta(hours=1)
"""The sweep writes out what a crash kept from the journal; longer than that its disk must be full or gone."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Qlekta is, and the way to one's own data."""
    return render(request, "qlekta/home.html")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this name on pages that are not ours to mark, such as a bare file."""
    return redirect(static("mark.svg"), permanent=False)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Databases, broker, scheduler, visit log, purges, effects, services, contracts, journal, seals, keys: 200 when all
    is well, 503 if not. Answers with counts only.
    """
    now = timezone.now()
    findings = {
        "database": _database_answers(),
        "broker": _broker_answers(),
        "scheduler": _scheduler_is_alive(now),
        "visits": _visits_have_a_place(now),
        "purge": _nothing_is_overdue(now),
        "clock": _clock_is_believed(),
        "outbox": _outbox_moves(now),
        "providers": _providers_answer(now),
        "contracts": _contracts_hold(now),
        "journal": _journal_was_heard(),
        "holds": _holds_are_looked_after(now),
        "seals": _seals_come(now),
        "keys": _keys_open(),
    }
    ready = all(item["ok"] for item in findings.values())
    return JsonResponse({"ready": ready, "checks": findings}, status=200 if ready else 503)


def _database_answers() -> dict[str, Any]:
    away = []
    for connection in connections.all():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            away.append(connection.alias)
    return {"ok": False, "away": away} if away else {"ok": True}


def _broker_answers() -> dict[str, Any]:
    try:
        caches["valkey"].get(HEARTBEAT_KEY)
    except RedisError:
        return {"ok": False}
    return {"ok": True}


def _scheduler_is_alive(now: datetime) -> dict[str, Any]:
    try:
        beat_at = caches["valkey"].get(HEARTBEAT_KEY)
    except RedisError:
        beat_at = None
    if beat_at is None:
        return {"ok": False, "last": None}
    last = datetime.fromisoformat(beat_at)
    return {"ok": now - last <= HEARTBEAT_LIMIT, "last": last.isoformat()}


def _nothing_is_overdue(now: datetime) -> dict[str, Any]:
    try:
        late = overdue(now=now)
    except (DatabaseError, OSError):
        return {"ok": False}
    return {"ok": not late, "overdue": [item.table for item in late]}


def _visits_have_a_place(now: datetime) -> dict[str, Any]:
    """A day without a table is made by who writes first; but that the job has not made it means that it stands."""
    try:
        found = look(now=now)
    except DatabaseError:
        return {"ok": False}
    missing = {"missing": [*found.tables, *found.days], "left_behind": found.left_behind}
    return {"ok": True} if found.is_sound else {"ok": False, **missing}


def _clock_is_believed() -> dict[str, Any]:
    try:
        return {"ok": False, "reason": CLOCK_WHAT_TO_DO} if is_waiting() else {"ok": True}
    except DatabaseError:
        return {"ok": False}


def _outbox_moves(now: datetime) -> dict[str, Any]:
    try:
        waiting = backlog(now=now)
    except DatabaseError:
        return {"ok": False}
    return {"ok": not waiting.is_stuck, **waiting.counts}


def _providers_answer(now: datetime) -> dict[str, Any]:
    """A service that fails is tried again by itself; red where that takes long, or only staff can help."""
    try:
        found = gates.shut()
    except DatabaseError:
        return {"ok": False}
    long = [gate for gate in found if gate.needs_staff or (gate.shut_at and now - gate.shut_at > STUCK_AFTER)]
    return {"ok": not long, "shut": [gate.provider for gate in found]}


def _contracts_hold(now: datetime) -> dict[str, Any]:
    """A processor without a contract in force gets nothing: what is for it waits (Q8.6)."""
    try:
        stopped = stopped_processors(now=now)
    except DatabaseError:
        return {"ok": False}
    return {"ok": not stopped, "stopped": stopped}


def _holds_are_looked_after(now: datetime) -> dict[str, Any]:
    """A hold that nobody looked at again in time keeps data without anybody knowing why (Art. 5(1)(e))."""
    try:
        missed = reviews_missed(now=now).count()
    except DatabaseError:
        return {"ok": False}
    return {"ok": not missed, "missed": missed}


def _journal_was_heard() -> dict[str, Any]:
    GUARD.forget()
    closed = GUARD.look()
    if closed is not None:
        return {"ok": False, "closed": closed.why.value, "reason": str(closed.why.label), "lines": len(closed.lines)}
    try:
        waiting = unwritten(older_than=JOURNAL_LIMIT)
    except DatabaseError:
        return {"ok": False}
    return {"ok": not waiting, "unwritten": waiting}


def _seals_come(now: datetime) -> dict[str, Any]:
    """What is not sealed yet can still be cut off unseen."""
    try:
        late = unsealed_too_long(now=now)
    except DatabaseError:
        return {"ok": False}
    return {"ok": not late, "unsealed": sorted(late)}


def _keys_open() -> dict[str, Any]:
    try:
        failing = masters_that_fail()
    except DatabaseError:
        return {"ok": False}
    return {"ok": False, "masters": failing, "reason": WHAT_TO_DO} if failing else {"ok": True}


def logged_in_again(request: HttpRequest) -> HttpResponse:
    """The end of a tab that was opened to log in, while a form waits in another one."""
    return render(request, "qlekta/logged_in_again.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: something in the request cannot be read."""
    if _is_of_a_program(request):
        return problem_outside_of_views(Kind.UNREADABLE)
    return _problem(
        request,
        400,
        _("We could not read that"),
        _("Part of what your browser sent is damaged or too large. Nothing was changed. Go back and try again."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: this is not for this person."""
    return _problem(request, 403, _("This page is not open to you"), _("You may need to log in with another account."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, then it comes back to be sent again; or it came from elsewhere, then it does not."""
    if request.method == "POST" and comes_from_our_page(request):
        return form_again(request, was_logged_out=False)
    return _problem(
        request,
        403,
        _("This form has expired"),
        _(
            "For your safety a form works only for a while and only from our own pages."
            " Go back, reload the page and send it again."
        ),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here, or nothing for this person."""
    return _problem(
        request, 404, _("There is nothing here"), _("The address may be mistyped, or what it led to has expired.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our mistake; 503 where the database does not take us just now; nothing of it is shown."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, headers = (503, {"Retry-After": "60"}) if is_away else (500, {})
    if _is_of_a_program(request):
        return problem_outside_of_views(Kind.OURS, status=status, headers=headers)
    # Without the request: what failed may be the very thing that a page asks about its visitor.
    page = render_to_string(
        "qlekta/problem.html",
        {
            "heading": _("Something went wrong on our side"),
            "sentence": _("What you sent may not have been saved. Please try again in a few minutes."),
            "controller": catalogue().controller,
        },
    )
    return HttpResponse(page, status=status, headers=headers)


def _is_of_a_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(request: HttpRequest, status: int, heading: str, sentence: str) -> HttpResponse:
    return render(request, "qlekta/problem.html", {"heading": heading, "sentence": sentence}, status=status)
