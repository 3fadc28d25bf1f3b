"""Why staff looked is said in the reader's language, whatever the site wrote into the trail (Q3.1; Art. 12(1), 15)."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import translation

from accounts.models import User
from audit.reasons import spoken
from audit.revealing import RevealReason
from audit.staff_views import RecordedAdmin
from audit.trail import Actor, record
from datamap.trace import subject_of_user
from tests.dsar.conftest import NOW, copy_about
from tests.dsar.test_looks import looks_in
from visits.purposeful import PurposefulAdmin
from visits.terms import ReadingPurpose

pytestmark = pytest.mark.clause("Q3.1")


@pytest.mark.parametrize(
    ("stored", "in_latvian"),
    [
        ("work on request QP-2026-000007", "darbs ar pieprasījumu QP-2026-000007"),
        (
            "work on request QP-2026-000007: to_answer",
            "darbs ar pieprasījumu QP-2026-000007: lai atbildētu uz pieprasījumu",
        ),
        ("work on requests", "darbs ar pieprasījumiem"),
        ("work on mailing.OutgoingMessage", "darbs ar ierakstiem „Jums nosūtītās e-pasta vēstules”"),
        ("security (policy 7.3)", "uzraudzība, stabilitāte un drošība (politikas 7.3. punkts)"),
        ("Zvanīja sūdzības dēļ: 100 % droši", "Zvanīja sūdzības dēļ: 100 % droši"),
        ("work on nothing.Known", "darbs ar ierakstiem „nothing.Known”"),
        ("", ""),
    ],
)
def test_what_the_site_wrote_is_translated_and_what_staff_wrote_is_not(stored: str, in_latvian: str) -> None:
    with translation.override("lv"):
        assert spoken(stored) == in_latvian


def test_every_page_of_the_staff_gives_a_reason_that_can_be_said_in_every_language() -> None:
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
    pages = [
        page
        for page in admin.site._registry.values()
        if isinstance(page, RecordedAdmin) and not isinstance(page, PurposefulAdmin)
    ]
    assert len(pages) > 30
    written = [page.reason_for(request, None) for page in pages]
    written += [f"{purpose.value} (policy 7.3)" for purpose in ReadingPurpose]
    written += [f"work on requests: {code}" for code in RevealReason.values]
    for language in ("lv", "ru"):
        with translation.override(language):
            english = {reason: said for reason in written if not (said := spoken(reason)).strip() or said == reason}
        assert english == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("published_texts")
def test_the_copy_says_it_in_the_language_of_the_copy(person: User) -> None:
    actor = Actor("staff", "officer-1")
    record("viewed", actor=actor, subject=person.pk, kind="dsar.SubjectRequest", reason="work on request QP-1", now=NOW)
    with translation.override("lv"), copy_about(subject_of_user(person)) as copy:
        (row,) = looks_in(copy)
        files = b"".join(copy.read(name) for name in ("index.html", "tables/audit_entry.csv")).decode()
    assert "darbs ar pieprasījumu QP-1" in row
    assert files.count("darbs ar pieprasījumu QP-1") == 2
    assert "work on" not in files
