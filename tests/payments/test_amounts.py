"""No float, no part of a cent and nothing less than a cent becomes money (issue of payments: bad input)."""

from decimal import Decimal
from typing import Any

import pytest

from payments.amounts import NoAmount, exact


@pytest.mark.parametrize(
    "amount", [0.1, 5, "5.00", None, True, *map(Decimal, ("0", "-1", "0.001", "1.005", "10000000", "NaN", "Infinity"))]
)
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises(NoAmount):
        exact(amount)


@pytest.mark.parametrize("amount", ["0.01", "1", "1.50", "9999999.99", "1E+2", "1.500"])
def test_an_amount_is_written_with_two_digits(amount: str) -> None:
    assert f"{exact(Decimal(amount)):f}".partition(".")[2] == f"{Decimal(amount):.2f}".partition(".")[2]
