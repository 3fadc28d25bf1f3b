"""Random histories of people, content, holds, restrictions, erasures, restores and a clock that jumps.

What must hold, always holds. `QLEKTA_HISTORIES=long` runs 70 of up to 50 steps, from another seed each time: about
20 seconds each on a quiet machine, less than half an hour in all (README.md).
"""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.returning import Returning

_COMMON: Final = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
SHORT: Final = settings(_COMMON, max_examples=5, stateful_step_count=22, derandomize=True)
LONG: Final = settings(_COMMON, max_examples=70, stateful_step_count=50)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.clause("Q5.10", "Q5.19", "Q6.2", "Q10.4", "Q10.5", "Q10.9", "Q16.7", "Q16.10", "Q18.1", "Q18.2")
@pytest.mark.requirement("E9", "E10", "E12", "F25", "R1", "R6", "R7", "X1", "X2")
def test_whatever_people_do_and_whenever_nothing_stays_too_long_or_goes_too_soon() -> None:
    profile = LONG if os.environ.get("QLEKTA_HISTORIES") == "long" else SHORT
    run_state_machine_as_test(Returning, settings=profile)
