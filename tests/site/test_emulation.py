"""A site that speaks to an emulated service says so on every page, and no real site can be one."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from accounts.models import User
from qlekta.views import server_error
from runner import check
from runner.places import PROJECT

pytestmark = pytest.mark.requirement("V1")
INBOX = "http://localhost:8025/"
EMULATED = override_settings(PROCESSORS_EMULATED=True, EMULATED_INBOX_URL=INBOX)


def pages(client: Client, officer: User) -> dict[str, str]:
    """The kinds of page there are: public, missing, closed, broken, and the staff's."""
    answers = {name: client.get(reverse(name)) for name in ("home", "account_login", "privacy:portal")}
    found = {name: answer.content.decode() for name, answer in answers.items()}
    found["404"] = client.get("/no/such/page/").content.decode()
    found["500"] = server_error(RequestFactory().get("/")).content.decode()
    found["closed"] = render_to_string("qlekta/closed.html")
    client.force_login(officer)
    found["admin"] = client.get(reverse("admin:index")).content.decode()
    return found


@pytest.mark.django_db
def test_every_page_says_that_the_mail_service_is_emulated(client: Client, officer: User) -> None:
    with EMULATED:
        found = pages(client, officer)
    assert {name for name, page in found.items() if 'id="emulation"' not in page or INBOX not in page} == set()


@pytest.mark.django_db
def test_a_real_site_says_nothing_of_the_kind(client: Client, officer: User) -> None:
    assert {name for name, page in pages(client, officer).items() if "emulation" in page} == set()


def complaints() -> set[str]:
    return {str(found.id) for found in run_checks(tags=["security"]) if str(found.id).startswith("mailing.")}


def test_production_refuses_emulated_services(settings: Any) -> None:
    settings.PROCESSORS_EMULATED = True
    assert complaints() == set()
    settings.PRODUCTION = True
    assert "mailing.E005" in complaints()


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        ({"QLEKTA_PROCESSORS": "emulated"}, "QLEKTA_PROCESSORS is emulated"),
        ({"GOOGLE_EMULATOR_URL": "http://127.0.0.1:8028"}, "GOOGLE_EMULATOR_URL is named"),
    ],
)
def test_no_process_of_production_starts_with_emulated_services(named: dict[str, str], complaint: str) -> None:
    environment = {**os.environ, **check.production(), **named}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    argv = [sys.executable, "-c", "import qlekta.wsgi"]
    done = subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_an_emulator_is_called_so_and_the_real_service_is_not(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "http://127.0.0.1:8025/v3"}
    assert "mailing.E004" in complaints()
    settings.PROCESSORS_EMULATED = True
    assert complaints() == set()
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3"}
    assert "mailing.E006" in complaints()
