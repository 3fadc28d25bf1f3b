"""A buffer that is slower than the erasure brings nothing back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from datamap.trace import Subject
from retention.latecomers import WINDOW, erase_latecomers
from retention.models import ErasureReceipt
from tests.retention.conftest import NOW
from visits.models import Visit


@pytest.mark.requirement("E7", "E13")
def test_a_visit_written_after_the_erasure_goes_with_the_next_look(
    anna: Subject, janis: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    late = Visit.objects.get(user_id=anna.user_id)
    his = Visit.objects.get(user_id=janis.user_id)
    erase(anna)
    late.save(force_insert=True)
    assert erase_latecomers(now=NOW + timedelta(hours=1)) == 1
    assert list(Visit.objects.all()) == [his]
    assert erase_latecomers(now=NOW + WINDOW) == 0
