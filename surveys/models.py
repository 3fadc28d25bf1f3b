"""What staff ask in surveys, promotions and draws, and who answered what (policy clause 5, Q5.2)."""

from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.scopes import survey_scope
from surveys.terms import CHOOSING, LANGUAGES, MASTER, Audience, Kind, QuestionKind, Said, State, Term
from vault.fields import SealedQuerySet, SealedTextField

EMAIL_LENGTH = 254
ANSWERS_LENGTH = 200_000
MOST_OPTIONS = 20
OPTION_LENGTH = 150

_IN_LATVIAN = ~Q(title_lv="") & ~Q(intro_lv="") & (~Q(kind=Kind.DRAW) | ~Q(prize_lv=""))


class Survey(models.Model):
    """A survey, promotion or draw in the words of staff: Latvian always, other languages where somebody wrote them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(_("address"), max_length=60, unique=True, help_text=_("The end of the page's address."))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.QUESTIONS)
    audience = models.CharField(_("who may answer"), max_length=12, choices=Audience.choices, default=Audience.ACCOUNT)
    winners = models.PositiveSmallIntegerField(_("winners to draw"), default=0, help_text=_("For draws only."))
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    term = models.CharField(
        _("answers are deleted"), max_length=20, choices=Term.choices, default=Term.MONTH, blank=False
    )
    title_lv = models.CharField(_("title in Latvian"), max_length=150, blank=True)
    intro_lv = models.TextField(_("introduction in Latvian"), max_length=4000, blank=True)
    prize_lv = models.TextField(
        _("prize, and how winners get it, in Latvian"), max_length=1000, blank=True, help_text=_("For draws only.")
    )
    title_en = models.CharField(_("title in English"), max_length=150, blank=True)
    intro_en = models.TextField(_("introduction in English"), max_length=4000, blank=True)
    prize_en = models.TextField(_("prize, and how winners get it, in English"), max_length=1000, blank=True)
    title_ru = models.CharField(_("title in Russian"), max_length=150, blank=True)
    intro_ru = models.TextField(_("introduction in Russian"), max_length=4000, blank=True)
    prize_ru = models.TextField(_("prize, and how winners get it, in Russian"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    # The totals, counted once when the survey was over: they stay when the answers go.
    totals = models.JSONField(_("totals"), default=dict, blank=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)

    class Meta:
        verbose_name = _("survey, promotion or draw")
        verbose_name_plural = _("surveys, promotions and draws")
        ordering = ["-opens_at", "slug"]
        default_permissions = ("view",)
        permissions = [("run_survey", _("Can write, publish, close and count surveys, and draw winners"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="surveys_closes_after_it_opens",
                violation_error_message=_("It must close after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.DRAW, winners__gte=1) | (~Q(kind=Kind.DRAW) & Q(winners=0)),
                name="surveys_a_draw_has_winners",
                violation_error_message=_("A draw has at least one winner, and nothing else has any."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.DRAW, audience=Audience.NOBODY),
                name="surveys_a_draw_knows_whom_to_tell",
                violation_error_message=_("A draw cannot be anonymous: nobody could be told of the prize."),
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, published_at=None)
                | (Q(state=State.PUBLISHED, published_at__isnull=False) & _IN_LATVIAN),
                name="surveys_published_in_latvian",
                violation_error_message=_(
                    "What is published has a title and an introduction in Latvian, and a draw says in Latvian what the"
                    " prize is."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title_lv or self.slug

    def said(self, part: str, language: str) -> Said:
        """`title`, `intro` or `prize` in the language, or in Latvian."""
        return said(self, part, language)

    @property
    def scope(self) -> str:
        """What a consent to keep the answers to this one is about."""
        return survey_scope(self.pk)

    @property
    def is_anonymous(self) -> bool:
        return self.audience == Audience.NOBODY

    @property
    def answers_end_at(self) -> datetime:
        """When every answer to it is deleted."""
        end = period(self.term).ends_at(self.closes_at)
        if end is None:
            raise TypeError("Answers need a period with an end.")
        return end

    def is_open(self, *, now: datetime) -> bool:
        """Whether it takes answers."""
        return self.state == State.PUBLISHED and self.opens_at <= now < self.closes_at

    def is_over(self, *, now: datetime) -> bool:
        """Whether it has closed."""
        return self.state == State.PUBLISHED and self.closes_at <= now


class Question(models.Model):
    """One question of a survey; what can be chosen stands one to a line, in the same order in each language."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField(_("order"), default=1)
    kind = models.CharField(_("answered with"), max_length=12, choices=QuestionKind.choices)
    is_mandatory = models.BooleanField(_("mandatory"), default=False)
    text_lv = models.CharField(_("question in Latvian"), max_length=300)
    options_lv = models.TextField(_("choices in Latvian"), max_length=4000, blank=True)
    text_en = models.CharField(_("question in English"), max_length=300, blank=True)
    options_en = models.TextField(_("choices in English"), max_length=4000, blank=True)
    text_ru = models.CharField(_("question in Russian"), max_length=300, blank=True)
    options_ru = models.TextField(_("choices in Russian"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["number", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.text_lv

    def said(self, language: str) -> Said:
        """The question in the language, or in Latvian."""
        return said(self, "text", language)

    @property
    def is_choosing(self) -> bool:
        return self.kind in CHOOSING

    def options(self, language: str) -> list[str]:
        """What can be chosen, in the language of the question; the first one has the number 1."""
        return lines(getattr(self, f"options_{self.said(language).language}")) or lines(self.options_lv)

    def clean(self) -> None:
        """Choices belong to questions that are answered by choosing; each language has all of them."""
        written = {language: lines(getattr(self, f"options_{language}")) for language in LANGUAGES}
        if not self.is_choosing:
            if any(written.values()):
                raise ValidationError({"options_lv": _("Only a question that is answered by choosing has choices.")})
            return
        for language, found in written.items():
            if refusal := _unfit(found, len(written[MASTER]), master=language == MASTER):
                raise ValidationError({f"options_{language}": refusal})


def _unfit(options: list[str], in_latvian: int, *, master: bool) -> str:
    if master and not 2 <= len(options) <= MOST_OPTIONS:
        return str(_("Write between 2 and 20 choices, one to a line."))
    if len(set(options)) < len(options) or any(len(option) > OPTION_LENGTH for option in options):
        return str(_("Each choice differs from the others and has at most 150 letters."))
    if options and len(options) != in_latvian:
        return str(_("Write as many choices as in Latvian, in the same order."))
    return ""


class Participation(models.Model):
    """One person's answers to one survey, sealed under a key of the row's own.

    Of an account, or of the holder of an address (who got a letter with a link), or of nobody: then there is no time
    either, by which the visit log could tell whose it is. A row without answers waits for the holder of the address.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, verbose_name=_("survey"), on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    email_token = models.CharField(_("token of the address"), max_length=43, blank=True)
    email = SealedTextField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True, owner="id")
    language = models.CharField(_("language"), max_length=8, blank=True)
    secret_digest = models.CharField(_("digest of the link"), max_length=43, blank=True)
    letters = models.PositiveSmallIntegerField(_("letters sent"), default=0)
    answers = SealedTextField(_("answers"), max_length=ANSWERS_LENGTH, blank=True, owner="id")
    answered_at = models.DateTimeField(_("answered at"), null=True)
    won_at = models.DateTimeField(_("drawn as a winner at"), null=True)
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("answers of one person")
        verbose_name_plural = _("answers")
        ordering = ["id"]
        base_manager_name = "objects"
        default_permissions = ("view",)
        permissions = [("read_answers", _("Can read single answers to surveys, for a stated reason"))]
        indexes = [models.Index(fields=["email_token"], name="surveys_answers_of_address")]
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "user"], condition=Q(user__isnull=False), name="surveys_once_per_account"
            ),
            models.UniqueConstraint(
                fields=["survey", "email_token"], condition=~Q(email_token=""), name="surveys_once_per_address"
            ),
            models.UniqueConstraint(
                fields=["secret_digest"], condition=~Q(secret_digest=""), name="surveys_link_of_one"
            ),
            models.CheckConstraint(
                condition=Q(user=None) | Q(email_token=""), name="surveys_of_an_account_or_of_an_address"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(email_token="") | Q(answered_at=None, won_at=None, language=""),
                name="surveys_of_nobody_says_no_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Draw(models.Model):
    """How the winners of a draw were found: who knows list and seed finds the same ones. Once, and never changed."""

    survey = models.OneToOneField(Survey, verbose_name=_("survey"), on_delete=models.PROTECT, related_name="draw")
    drawn_at = models.DateTimeField(_("drawn at"))
    people = models.PositiveIntegerField(_("people in the draw"))
    winners = models.PositiveSmallIntegerField(_("winners drawn"))
    list_sha256 = models.CharField(_("SHA-256 of the list"), max_length=64)
    seed = models.CharField(_("seed"), max_length=64)

    class Meta:
        verbose_name = _("drawing of winners")
        verbose_name_plural = _("drawings of winners")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.survey_id)


def said(row: models.Model, part: str, language: str) -> Said:
    """A text of a row in the language, or in Latvian where it is not written in that."""
    text = getattr(row, f"{part}_{language}", "")
    return Said(text, language) if text else Said(getattr(row, f"{part}_{MASTER}"), MASTER)


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def fingerprint(survey: Survey) -> str:
    """SHA-256 over all that a page asks and promises, in every language: what somebody saw who answered it."""
    own = ("title", "intro", "prize")
    parts = [survey.kind, survey.audience, survey.term, str(survey.winners)]
    parts += [getattr(survey, f"{part}_{language}") for part in own for language in LANGUAGES]
    for question in survey.questions.all():
        parts += [str(question.pk), str(question.number), question.kind, str(question.is_mandatory)]
        parts += [getattr(question, f"{part}_{language}") for part in ("text", "options") for language in LANGUAGES]
    return sha256("\0".join(parts).encode()).hexdigest()
