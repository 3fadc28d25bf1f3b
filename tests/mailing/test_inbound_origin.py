"""What mail servers found out about a mail is written down as a hint; it opens and refuses nothing (Q19.2, D9)."""

from typing import Any

import pytest

from dsar.models import IdentityCheck, Intake, SubjectRequest
from dsar.queries import has_shown
from mailing.inbound_origin import origin_of
from tests.mailing.calls import NOW, configured, deliver, mail

OURS = "mx.qlekta.example"
AND_DMARC = f"Authentication-Results: {OURS}; dmarc=none"


@pytest.fixture
def _webhooks(settings: Any, time_machine: Any, tmp_path: Any) -> None:
    configured(settings)
    settings.VAR_DIR = tmp_path
    time_machine.move_to(NOW, tick=False)


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "From: a@example.lv", "", "words spf=fail"]).encode()


@pytest.mark.clause("Q19.2")
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((f"Authentication-Results: {OURS}; spf=pass smtp.mailfrom=a.lv; dkim=fail (bad)",), "spf=pass dkim=fail"),
        ((f"Authentication-Results: {OURS} 1; DKIM=PASS", AND_DMARC), "dkim=pass dmarc=none"),
        (("Authentication-Results: elsewhere.example; spf=pass",), ""),
        ((f"Authentication-Results: elsewhere.example ({OURS}); spf=pass",), ""),
        ((f"Authentication-Results: {OURS}; spf=pass", f"Authentication-Results: {OURS}; spf=fail"), ""),
        ((f"Authentication-Results: {OURS}; spf=excellent",), ""),
        ((f"Authentication-Results: {OURS}; none (spf=pass)",), ""),
        (("X-Mailgun-Spf: Pass", "X-Mailgun-Dkim-Check-Result: Pass"), ""),
        (("Subject: spf=pass",), ""),
        ((f"Authentication-Results: {'(' * 5000}{OURS}; spf=pass",), ""),
    ],
)
def test_only_our_own_server_is_believed_and_of_two_answers_none(lines: tuple[str, ...], found: str) -> None:
    assert origin_of(head(*lines), authserv=OURS) == found


def test_without_a_name_of_our_own_no_header_is_believed() -> None:
    raw = head("Authentication-Results: ; spf=pass", "Authentication-Results: x; dkim=pass")
    assert origin_of(raw, authserv="") == ""


def test_mailguns_findings_are_read_where_mailgun_hands_over() -> None:
    raw = head("X-Mailgun-Spf: SoftFail", "X-Mailgun-Dkim-Check-Result: Pass")
    assert origin_of(raw, authserv="", is_mailgun=True) == "spf=softfail dkim=pass"
    forged = head("X-Mailgun-Spf: Fail", "X-Mailgun-Spf: Pass")
    assert origin_of(forged, authserv="", is_mailgun=True) == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("_webhooks")
@pytest.mark.clause("Q19.2")
@pytest.mark.parametrize("result", ["Pass", "Fail"])
def test_it_stands_on_the_case_and_changes_nothing_else(result: str) -> None:
    assert deliver(mail(X_Mailgun_Spf=result, X_Mailgun_Dkim_Check_Result=result)) == 200
    case = SubjectRequest.objects.get()
    assert Intake.objects.get().origin == f"spf={result.lower()} dkim={result.lower()}"
    assert (case.stage, has_shown(case)) == ("open", False)
    assert not IdentityCheck.objects.filter(outcome="shown").exclude(method="not_needed").exists()
