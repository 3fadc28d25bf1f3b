"""The one survey of the demo: without any identity, so that nobody has to be made up who answered it."""

from datetime import datetime
from typing import Final

from audit.trail import Actor
from datamap.catalogue import length_of
from surveys.models import Question, Survey
from surveys.running import publish
from surveys.terms import Audience

_QUESTIONS: Final = (
    (
        "one",
        "Cik bieži jūs pērkat lietotas lietas?",
        "How often do you buy used things?",
        "Как часто вы покупаете б/у?",
    ),
    ("long", "Ko mēs varētu darīt labāk?", "What could we do better?", "Что мы могли бы делать лучше?"),
)
_OPTIONS: Final = ("Reti\nReizi mēnesī\nBiežāk", "Rarely\nOnce a month\nMore often", "Редко\nРаз в месяц\nЧаще")


def seed_survey(*, now: datetime) -> int:
    """Open for as long as a listing is shown; how many there are."""
    survey = Survey.objects.create(
        slug="lietotas-lietas",
        audience=Audience.NOBODY,
        opens_at=now,
        closes_at=now + length_of("LISTING_SHOWN"),
        title_lv="Lietotas lietas un jūs",
        title_en="Used things and you",
        title_ru="Подержанные вещи и вы",
        intro_lv="Divi īsi jautājumi. Mēs neuzzinām, kas atbildēja.",
        intro_en="Two short questions. We do not learn who answered.",
        intro_ru="Два коротких вопроса. Мы не узнаем, кто ответил.",
    )
    for number, (kind, lv, en, ru) in enumerate(_QUESTIONS, start=1):
        options = dict(zip(("options_lv", "options_en", "options_ru"), _OPTIONS, strict=True)) if kind == "one" else {}
        Question.objects.create(
            survey=survey,
            number=number,
            kind=kind,
            text_lv=lv,
            text_en=en,
            text_ru=ru,
            is_mandatory=number == 1,
            **options,
        )
    publish(survey.pk, actor=Actor.system("seed_demo"), now=now)
    return 1
