"""Who lives in the demo."""

from dataclasses import dataclass

PASSWORD = "Zilais-kalns-7"  # noqa: S105 - published on purpose, see below
"""The log-in of everybody in the demo; the demo is never seeded in production."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One inhabitant: how long ago she joined (days) and which consents she gave."""

    email: str
    given_name: str
    family_name: str
    joined_days_ago: int
    language: str = "lv"
    phone: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    consents: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether she works for Qlekta."""
        return bool(self.roles)


MARKETER = "laura@qlekta.example"
"""Runs the campaigns of the demo."""

_OFFICER = ("officer", "auditor", "archive")

PEOPLE = (
    DemoPerson(
        "anna@example.lv", "Anna", "Bērziņa", 900,
        phone="+371 20000001", street="Brīvības iela 12-4", city="Rīga", postal_code="LV-1010",
        consents=("MARKETING_EMAIL", "PROFILING"), withdrawn=("PROFILING",),
    ),
    DemoPerson(
        "janis@example.lv", "Jānis", "Ozols", 640,
        phone="+371 20000002", street="Gaujas iela 5", city="Cēsis", postal_code="LV-4101", consents=("LOYALTY",),
    ),
    DemoPerson(
        "liga@example.lv", "Līga", "Kļaviņa", 410,
        city="Liepāja", consents=("MARKETING_EMAIL", "EMAIL_ANALYSIS"),
    ),
    DemoPerson(
        "martins@example.lv", "Mārtiņš", "Liepa", 365,
        street="Rīgas iela 3", city="Valmiera", postal_code="LV-4201",
    ),
    DemoPerson("olga@example.lv", "Olga", "Ivanova", 300, language="ru", city="Daugavpils", consents=("LOYALTY",)),
    DemoPerson("emily@example.lv", "Emily", "Carter", 220, language="en", city="Jūrmala"),
    DemoPerson("edgars@example.lv", "Edgars", "Ķirsis", 150, city="Ventspils", consents=("PROFILING",)),
    DemoPerson("zane@example.lv", "Zane", "Šmite", 90, city="Kuldīga"),
    DemoPerson("ieva@qlekta.example", "Ieva", "Kalniņa", 1200, roles=_OFFICER),
    DemoPerson("peteris@qlekta.example", "Pēteris", "Žagars", 1100, roles=(*_OFFICER, "accountant")),
    DemoPerson("maija@qlekta.example", "Maija", "Krūmiņa", 700, roles=("accountant",)),
    DemoPerson(MARKETER, "Laura", "Vītola", 500, roles=("marketing",)),
)  # fmt: skip

LEFT_LONG_AGO = DemoPerson("harijs@example.lv", "Harijs", "Vītols", 2600)
"""Deleted her account more than six years ago: the archive record is due and the scheduler destroys it."""

LEFT_LATELY = DemoPerson("dace@example.lv", "Dace", "Egle", 800)
"""Deleted her account a while ago: a sealed archive record waits for its end."""
