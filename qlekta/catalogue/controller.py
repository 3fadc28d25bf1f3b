"""Who answers for the data (Art. 4(7); policy clause 19), and who watches over it (Art. 77)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Controller, SupervisoryAuthority
from qlekta import env

CONTROLLER = Controller(
    name=env.text("CONTROLLER_NAME", "SIA Qlekta"),
    registration_number=env.text("CONTROLLER_REGISTRATION_NUMBER", "40203224217"),
    address=env.text("CONTROLLER_ADDRESS", "Piestātnes iela 11A, Jūrmala, LV-2015, Latvija"),
    email=env.text("CONTROLLER_EMAIL", "privacy@qlekta.example"),
    owner=_("the management board"),
    reviewed_on=date(2026, 11, 20),
)

SUPERVISORY_AUTHORITY = SupervisoryAuthority(
    name=_("Data State Inspectorate (Datu valsts inspekcija)"),
    address="Elijas iela 17, Rīga, LV-1050",
    url="https://www.dvi.gov.lv",
)
