"""What goes into the interface and what comes out of it: plain fields, no model shown as it is (Art. 5(1)(c))."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from datamap.terms import Right
from dsar.api.standards import Drp, DrpReason, OpenDsr
from dsar.deadlines import Channel, Clock
from dsar.models.correspondence import LONGEST_MESSAGE
from dsar.terms import Direction, Outcome, PackageState, RefusalReason, Stage

LONGEST_TEXT: Final = 10_000

_REQUIRED: Final = _("This is needed.")
_NOTHING: Final = _("There must be something here.")
_UNKNOWN: Final = _("There is no such field here.")


class Text(serializers.CharField):
    """A text that was sent as one."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "blank": _NOTHING,
        "invalid": _("This must be a text."),
        "max_length": _("This may have at most {max_length} characters."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Word(serializers.ChoiceField):
    """One of the words that are listed."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "invalid_choice": _("This is none of the words that can stand here."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice")
        return data


class Address(serializers.EmailField):
    """An e-mail address."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "blank": _NOTHING,
        "invalid": _("This is no e-mail address."),
        "max_length": _("This may have at most {max_length} characters."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Several(serializers.ListField):
    """A list with something in it."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "not_a_list": _("This must be a list."),
        "empty": _NOTHING,
        "max_length": _("That is too many."),
    }


class Moment(serializers.DateTimeField):
    """A moment with its offset."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "invalid": _("This must be a moment such as 2026-11-22T12:00:00Z."),
    }

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid")
        try:
            return super().to_internal_value(value)
        except (OverflowError, serializers.ValidationError):
            self.fail("invalid")


class Identifier(serializers.UUIDField):
    """A random UUID, in its usual form."""

    default_error_messages = {
        "required": _REQUIRED,
        "null": _NOTHING,
        "invalid": _("This must be a UUID."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Body(serializers.Serializer[Any]):
    """A body with exactly the fields it names; a mistyped name is a mistake and no silence."""

    default_error_messages = {
        "invalid": _("This must be an object with named fields."),
        "null": _NOTHING,
        "required": _REQUIRED,
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError({name: [_UNKNOWN] for name in sorted(unknown)})
        return super().to_internal_value(data)


# --- What is sent to us ---
class NewRequest(Body):
    """One message with one or more rights; `email` without a log-in only, because a log-in says who it is."""

    rights = Several(child=Word(choices=Right.choices), min_length=1, max_length=len(Right), allow_empty=False)
    text = Text(max_length=LONGEST_TEXT, required=False, default="", allow_blank=True)
    language = Word(choices=settings.LANGUAGES, required=False, default="")
    email = Address(max_length=254, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        logged_in = bool(self.context.get("logged_in"))
        if logged_in and "email" in attrs:
            raise serializers.ValidationError({"email": [_("You are logged in: your account says who you are.")]})
        if not logged_in and "email" not in attrs:
            raise serializers.ValidationError({"email": [_REQUIRED]})
        return attrs


class NewMessage(Body):
    """What the person writes to us about a request."""

    text = Text(min_length=1, max_length=LONGEST_MESSAGE)


# --- What we answer ---
class Numbered(serializers.Serializer[Any]):
    """A request by its number."""

    number = serializers.CharField()
    right = serializers.ChoiceField(Right.choices)
    url = serializers.CharField()


class FiledAnswer(serializers.Serializer[Any]):
    """What came of a message; the same message again gives the same answer."""

    received_at = serializers.DateTimeField()
    requests = Numbered(many=True)
    under_way = serializers.ListField(child=serializers.CharField())


class Neutral(serializers.Serializer[Any]):
    """The one answer to everybody who is not logged in."""

    detail = serializers.CharField()


class Dates(serializers.Serializer[Any]):
    """The dates of a request, with the rule and the arithmetic that they follow."""

    target = serializers.DateField(allow_null=True)
    first_due = serializers.DateField(allow_null=True)
    due = serializers.DateField(allow_null=True)
    ends_before = serializers.DateTimeField(source="ends_before_utc", allow_null=True)
    clock = serializers.ChoiceField(Clock.choices, source="status")
    extension = serializers.CharField(allow_null=True)
    paused_days = serializers.IntegerField(allow_null=True)
    arithmetic = serializers.ListField(child=serializers.CharField(), source="steps")


class Brief(serializers.Serializer[Any]):
    """A request in a list."""

    number = serializers.CharField(source="case.number")
    url = serializers.CharField()
    right = serializers.ChoiceField(Right.choices, source="case.right")
    stage = serializers.ChoiceField(Stage.choices, source="case.stage")
    outcome = serializers.ChoiceField(Outcome.choices, source="case.outcome")
    received_at = serializers.DateTimeField(source="case.received_at")
    due = serializers.DateField(source="view.deadline.due", allow_null=True)
    overdue = serializers.BooleanField(source="view.overdue")


class Page(serializers.Serializer[Any]):
    """Up to fifty requests, with the way to the others."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = Brief(many=True)


class Happening(serializers.Serializer[Any]):
    """One step of a request."""

    at = serializers.DateTimeField()
    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field of this name, as DRF makes it
    stage = serializers.ChoiceField(Stage.choices, source="stage_after")


class Written(serializers.Serializer[Any]):
    """One message between the person and us."""

    at = serializers.DateTimeField()
    direction = serializers.ChoiceField([item for item in Direction.choices if item[0] != Direction.NOTE])
    text = serializers.CharField()


class Copy(serializers.Serializer[Any]):
    """The copy of a request; it is fetched on the page, which asks for the password again."""

    state = serializers.ChoiceField(PackageState.choices)
    percent = serializers.IntegerField()
    size = serializers.IntegerField()
    downloads_left = serializers.IntegerField()
    can_be_fetched_until = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField()


class Names(serializers.Serializer[Any]):
    """Where the request stands in the words of two standards."""

    opendsr = serializers.ChoiceField([(item.value, item.value) for item in OpenDsr])
    drp = serializers.ChoiceField([(item.value, item.value) for item in Drp])
    drp_reason = serializers.ChoiceField([(item.value, item.value) for item in DrpReason])


class Whole(Brief):
    """A request with everything its page says."""

    right_label = serializers.CharField(source="case.get_right_display")
    stage_label = serializers.CharField(source="case.get_stage_display")
    outcome_label = serializers.CharField(source="case.get_outcome_display")
    channel = serializers.ChoiceField(Channel.choices, source="case.channel")
    text = serializers.CharField(source="case.text")
    dates = Dates(source="view.deadline")
    next = serializers.CharField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(source="case.answered_at", allow_null=True)
    closed_at = serializers.DateTimeField(source="case.closed_at", allow_null=True)
    refusal = serializers.ChoiceField([("", ""), *RefusalReason.choices], source="case.refusal_reason")
    may_withdraw = serializers.BooleanField()
    may_write = serializers.BooleanField()
    awaits_confirmation = serializers.BooleanField()
    linked = serializers.ListField(child=serializers.CharField())
    events = Happening(many=True)
    messages = Written(many=True)
    copy = Copy(allow_null=True)
    standards = Names()
    page = serializers.CharField()


class SessionState(serializers.Serializer[Any]):
    """Who is logged in here, and what the session needs to change something."""

    csrf_token = serializers.CharField()
    password_was_entered = serializers.BooleanField()
    step_up_page = serializers.CharField()


class FieldTrouble(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    detail = serializers.CharField()


class ProblemAnswer(serializers.Serializer[Any]):
    """RFC 9457, in the language of the person."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldTrouble(many=True, required=False)  # type: ignore[assignment] # the same
    number = serializers.CharField(required=False)
    new_request = serializers.CharField(required=False)
    step_up_page = serializers.CharField(required=False)
