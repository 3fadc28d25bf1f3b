"""Counts of different tables in one question, zeros too."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor, record
from datamap.counting import counted


def test_all_are_counted_in_one_question(person: User, other_person: User) -> None:
    record("viewed", actor=Actor.system("test"), now=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        found = counted(
            people=User.objects.all(),
            anna=User.objects.filter(given_name="Anna"),
            nobody=User.objects.filter(given_name="Nobody"),
            looks=Entry.objects.filter(action="viewed"),
        )
    assert found == {"people": 2, "anna": 1, "nobody": 0, "looks": 1}
    assert len(asked) == 1


@pytest.mark.django_db
def test_one_alone_can_be_counted_too() -> None:
    assert counted(people=User.objects.all()) == {"people": 0}
