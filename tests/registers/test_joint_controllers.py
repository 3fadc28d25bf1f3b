"""An arrangement between joint controllers has an essence, and the notice shows it (Art. 26(2); Q8.18)."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from datamap import notice, register
from datamap.catalogue import catalogue
from datamap.declarations import JointControllers

PARTNER = JointControllers(
    code="FAIR",
    name="SIA Gadatirgus",
    contact="dati@gadatirgus.example",
    purposes=("SERVICE",),
    essence="Qlekta keeps the accounts, Gadatirgus the stalls; Qlekta answers requests.",
    since=date(2026, 1, 1),
)


@pytest.mark.clause("Q8.18")
@pytest.mark.parametrize("essence", ["", "  "])
def test_an_arrangement_without_its_essence_cannot_be_declared(essence: str) -> None:
    with pytest.raises(ValueError, match="no essence"):
        replace(PARTNER, essence=essence)


@pytest.mark.clause("Q8.18")
@pytest.mark.django_db
def test_the_notice_and_the_register_show_it_and_either_may_be_asked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Gadatirgus" not in client.get(reverse("privacy:notice")).content.decode()
    facts = replace(catalogue(), joint_controllers=(PARTNER,))
    monkeypatch.setattr(notice, "catalogue", lambda: facts)
    monkeypatch.setattr(register, "catalogue", lambda: facts)
    text = client.get(reverse("privacy:notice")).content.decode()
    assert str(PARTNER.essence) in text
    assert "dati@gadatirgus.example" in text
    named = [entry for entry in register.register_entries() if entry.joint_controllers]
    assert {entry.joint_controllers for entry in named} == {("SIA Gadatirgus, dati@gadatirgus.example",)}
    assert len(named) < len(register.register_entries())
