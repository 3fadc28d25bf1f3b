"""A copy for testing, made of a site in use and brought up again elsewhere: it works, and nobody is named in it."""

import gzip
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner import database
from runner.database import Database
from runner.pseudonymise import pseudonymise
from runner.trouble import Trouble
from tests.runner.loaded import Loaded
from tests.runner.test_backup import environment, migrated, run, two_databases

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.clause("Q7.13")]

SEEN = """
from accounts.models import User
from dsar.models import SubjectRequest
from marketplace.models import Listing, Party
from django.test import Client
from outbox.models import Effect
print(json.dumps({
    "people": sorted(User.objects.values_list("email", flat=True)),
    "requests": SubjectRequest.objects.exclude(user=None).count(),
    "listings": Listing.objects.filter(seller__is_active=True).count(),
    "orders": Party.objects.filter(user__is_active=True, order__listing__seller__is_active=True).count(),
    "effects": Effect.objects.count(),
    "words": list(Listing.objects.exclude(title="").values_list("title", flat=True)[:5]),
    "front": Client(SERVER_NAME="localhost").get("/privacy/policy/").status_code,
}))
"""


@dataclass(frozen=True)
class Story:
    """A copy, and what the site sees of the same people before and after."""

    path: Path
    before: dict[str, object]
    after: dict[str, object]


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with two_databases() as (old, site, new, _second, directory):
        assert site.command("publish_texts").status == 0
        seeded = site.command("seed_demo")
        assert seeded.status == 0, seeded.err
        path = directory / "copy.sql.gz"
        pseudonymise(old, path)
        restore(path, new)
        elsewhere = directory / "elsewhere"
        (elsewhere / "static").mkdir(parents=True)
        migrated(new, elsewhere)
        with Loaded.with_environment(environment(new, elsewhere)) as other:
            yield Story(path, run(site, SEEN), run(other, SEEN))


def restore(path: Path, into: Database) -> None:
    argv = [str(database.program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    text = gzip.decompress(path.read_bytes())
    done = subprocess.run(argv, env=database.connection(into.url), input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_everything_is_there_and_nobody_is_named(story: Story) -> None:
    text = gzip.decompress(story.path.read_bytes()).decode()
    people = story.before["people"]
    assert isinstance(people, list)
    assert len(people) > 10
    assert "example.lv" not in text
    assert all(address.endswith("@example.invalid") for address in story.after["people"])  # type: ignore[attr-defined]
    assert len(story.after["people"]) == len(people)  # type: ignore[arg-type]
    for name in ("requests", "listings", "orders"):
        assert story.before[name]
        assert story.after[name] == story.before[name], name
    assert story.before["words"] != story.after["words"]
    assert story.before["effects"]
    assert story.after["effects"] == 0, "a copy orders nothing"
    assert story.after["front"] == 200


def test_it_is_its_owners_alone_and_never_written_over(story: Story) -> None:
    assert stat.S_IMODE(story.path.stat().st_mode) == 0o600
    with pytest.raises(Trouble, match="exists already"):
        pseudonymise(Database("", {}, {}), story.path)


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@%2Fnowhere/qlekta"
    with pytest.raises(Trouble):
        pseudonymise(Database(nowhere, {}, {}), tmp_path / "copy.sql.gz")
    assert list(tmp_path.iterdir()) == []
