"""What the marketer of the demo has done: an old list of subscribers taken over, a draft, a campaign that is paused."""

from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from audit.trail import Actor
from consent.services import current_text
from newsletters.campaigns import advance, pause, start, write
from newsletters.importing import Reader
from newsletters.lists import hand_in
from newsletters.models import Campaign, CampaignStage

_LIST: Final = """\
email,language,consented_at,how,wording
rasa@example.lv,lv,{day},newsletter_form,{wording}
viktors@example.lv,ru,{day},paper,{wording}
karina@example.lv,lv,,,
anna@example.lv,lv,{day},newsletter_form,{wording}
bez-adreses,lv,{day},paper,{wording}
"""
"""Two with their proof, one without, one who decided here herself, and a line that is none."""

_CAMPAIGNS: Final = (
    {
        "name": "Ziemas mantas, novembris",
        "subject_lv": "Slēpes, slidas un siltas zābaku kastes",
        "body_lv": "Ziema nāk. Pie mums cilvēki piedāvā slēpes, slidas un ragavas, kas kādam kļuvušas par mazu.",
        "subject_en": "Skis, skates and warm boots",
        "body_en": "Winter is coming. People offer skis, skates and sledges that somebody has outgrown.",
    },
    {
        "name": "Grāmatas svētkiem",
        "subject_lv": "Lasītas grāmatas dāvanām",
        "body_lv": "Grāmata, ko kāds jau mīlējis, ir laba dāvana. Apskatiet, ko piedāvā tuvumā.",
    },
)


def seed_advertising(marketer: User, *, now: datetime) -> int:
    """How many campaigns there are; nothing leaves, as the one that was started was paused before its first letter."""
    actor, day = Actor.of(marketer), now - timedelta(hours=30)
    wording = current_text("MARKETING_EMAIL", language="lv", on=now.date()).version
    content = _LIST.format(day=f"{day:%Y-%m-%d}", wording=wording).encode()
    found = hand_in(content, once="demo", check_only=False, actor=actor, now=day)
    reader = Reader(found.pk)
    while reader.advance(now=now):
        continue
    running, _draft = (write(Campaign(**texts), actor=actor, now=day) for texts in _CAMPAIGNS)
    start(running.pk, actor=actor, now=day)
    while running.stage != CampaignStage.PREPARED:
        advance(running.pk, now=now)
        running.refresh_from_db()
    pause(running.pk, actor=actor, now=now)
    return len(_CAMPAIGNS)
