"""What surveys hold about people: their answers, on a consent of their own and for a term of their own (clause 5)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, withhold

_BY_US: Final = "made of what the person answered to the questions of staff"

HOLDINGS = (
    Holding(
        model="surveys.Participation",
        looks=True,
        label=_("Your answers in surveys, promotions and draws"),
        about={"user": "user", "email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("SURVEY",),
        basis=LawfulBasis.CONSENT,
        source=Source.PROVIDED,
        period="SURVEY_ANSWERS",
        ends="ends_at",
        recipients=("MAILGUN",),
        why=_("You take part only if you agree, each time anew; anonymous answers lead to nobody."),
        personal={
            "survey": Personal(Category.FREE_TEXT, words="surveys.wordings.titles"),
            "user": Personal(Category.ACCOUNT),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                label=_("token of your address"),
            ),
            "email": Personal(Category.EMAIL),
            "language": Personal(Category.LANGUAGE, words="datamap.words.languages"),
            "secret_digest": Personal(
                Category.CONSENT, on_access=withhold(_("whoever has the link can answer in your place"))
            ),
            "letters": Personal(Category.CONSENT),
            "answers": Personal(Category.FREE_TEXT, note=_BY_US, spoken="surveys.wordings.spoken"),
            "answered_at": Personal(Category.CONSENT),
            "won_at": Personal(Category.CONSENT),
            "ends_at": Personal(Category.CONSENT, label=_("kept until")),
        },
        neutral={"id"},
    ),
)

NOT_PERSONAL = (
    NotPersonal("surveys.Survey", why="what staff ask and promise, and totals of which none is of fewer than five"),
    NotPersonal("surveys.Question", why="questions of staff"),
    NotPersonal("surveys.Draw", why="how many were in a draw, the hash of their list of random numbers, and the seed"),
)

ENDERS = ("surveys.ending.end",)
WITHDRAWERS = ("surveys.ending.withdraw_asked",)
