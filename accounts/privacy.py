"""What the accounts hold about people, allauth, sessions and the admin log included."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Use, describe, withhold

SUBJECT_KEYS = ("accounts.queries.subject_keys",)

_PASSWORD: Final = describe(
    _("A password is set. Only a salted hash of it is stored; the hash protects your account, so it is not copied.")
)
_SESSION_KEY: Final = withhold(_("Whoever has this key is logged in as you."))
_SECOND_FACTOR: Final = describe(
    _("A second factor is set. Its secret is stored sealed; it protects your account, so it is not copied.")
)
_BROWSER_NOTE: Final = "what the browser says about itself, cut to 200 characters"

_USER = Holding(
    model="accounts.User",
    label=_("Your account"),
    about={"user": "pk"},
    purposes=("REGISTRATION", "SERVICE"),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNT",
    late_with="accounts.purging.is_anybody_left",
    erase_due="accounts.purging.unconfirmed_accounts",
    personal={
        "id": Personal(Category.ACCOUNT, label=_("Account number"), archive=True),
        "email": Personal(Category.EMAIL, archive=True),
        "given_name": Personal(Category.IDENTITY, archive=True),
        "family_name": Personal(Category.IDENTITY, archive=True),
        "display_name": Personal(Category.IDENTITY),
        "language": Personal(Category.LANGUAGE),
        "password": Personal(Category.CREDENTIALS, on_access=_PASSWORD, label=_("Password")),
        "age_confirmed_at": Personal(Category.AGE),
        "age_text_version": Personal(Category.AGE),
        "date_joined": Personal(Category.ACCOUNT, archive=True),
        "is_active": Personal(Category.ACCOUNT),
        "is_staff": Personal(Category.ACCOUNT),
        "is_superuser": Personal(Category.ACCOUNT),
    },
)

_PROFILE = Holding(
    model="accounts.Profile",
    label=_("What you added to your profile"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="VOLUNTARY",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "phone": Personal(Category.PHONE),
        "street": Personal(Category.ADDRESS),
        "city": Personal(Category.ADDRESS),
        "postal_code": Personal(Category.ADDRESS),
        "country": Personal(Category.ADDRESS),
    },
)

_EARLIER = Holding(
    model="accounts.EarlierValue",
    label=_("What you replaced in your account"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="VOLUNTARY",
    why=_("So that you see what was changed, by you or by somebody else in your name. Emptying a field deletes it."),
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "at": Personal(Category.ACCOUNT),
        "field": Personal(Category.ACCOUNT, words="accounts.history.names_of_fields"),
        "value": Personal(Category.IDENTITY, note="an earlier name, telephone number, part of an address, or e-mail"),
    },
    neutral={"id"},
)

_LOGIN_EVENTS = Holding(
    model="accounts.LoginEvent",
    label=_("Log-ins"),
    about={"user": "user"},
    purposes=("SECURITY",),
    basis=LawfulBasis.LEGITIMATE_INTERESTS,
    source=Source.OBSERVED,
    period="VISIT_LOG",
    clock="at",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "at": Personal(Category.ACCOUNT),
        "kind": Personal(Category.ACCOUNT),
        "ip": Personal(Category.NETWORK),
        "user_agent": Personal(Category.DEVICE, note=_BROWSER_NOTE),
    },
    neutral={"id"},
    happenings=(Happening(use=Use.LOGIN, at="at", says=_("%(kind)s (IP address %(ip)s)"), of=("kind", "ip")),),
)

_ADDRESSES = Holding(
    model="account.EmailAddress",
    label=_("Your e-mail addresses"),
    about={"user": "user"},
    purposes=("REGISTRATION", "SERVICE"),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNT",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "email": Personal(Category.EMAIL),
        "verified": Personal(Category.EMAIL),
        "primary": Personal(Category.EMAIL),
    },
    neutral={"id"},
)

_CONFIRMATIONS = Holding(
    model="account.EmailConfirmation",
    label=_("Confirmations of e-mail addresses"),
    about={"user": "email_address__user"},
    purposes=("REGISTRATION",),
    basis=LawfulBasis.CONTRACT,
    source=Source.DERIVED,
    period="OPT_IN",
    clock="created",
    why=_("The site signs its confirmation links and leaves this table empty."),
    personal={
        "email_address": Personal(Category.EMAIL),
        "key": Personal(Category.CREDENTIALS, on_access=withhold(_("The key of a link that confirms your address."))),
        "created": Personal(Category.EMAIL),
        "sent": Personal(Category.EMAIL),
    },
    neutral={"id"},
)

_SECOND_FACTORS = Holding(
    model="mfa.Authenticator",
    label=_("Second factor"),
    about={"user": "user"},
    purposes=("SECURITY",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNT",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "type": Personal(Category.CREDENTIALS),
        "data": Personal(
            Category.CREDENTIALS,
            on_access=_SECOND_FACTOR,
            note="the sealed secret of the authenticator app or of the recovery codes, and which codes are used",
        ),
        "created_at": Personal(Category.CREDENTIALS),
        "last_used_at": Personal(Category.CREDENTIALS),
    },
    neutral={"id"},
)

_USER_SESSIONS = Holding(
    model="usersessions.UserSession",
    label=_("Devices on which you are logged in"),
    about={"user": "user"},
    purposes=("SECURITY",),
    basis=LawfulBasis.CONTRACT,
    source=Source.OBSERVED,
    period="VISIT_LOG",
    clock="last_seen_at",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "created_at": Personal(Category.ACCOUNT, label=_("first seen")),
        "last_seen_at": Personal(Category.ACCOUNT, label=_("last seen")),
        "ip": Personal(Category.NETWORK, label=_("IP address")),
        "user_agent": Personal(Category.DEVICE, label=_("browser"), note=_BROWSER_NOTE),
        "session_key": Personal(Category.CREDENTIALS, on_access=_SESSION_KEY),
        "data": Personal(Category.ACCOUNT, label=_("further details"), note="not used by this site; always empty"),
    },
    neutral={"id"},
)

_SESSIONS = Holding(
    model="sessions.Session",
    label=_("Sessions"),
    about={"user": Via("session_key", by="accounts.queries.session_keys_of")},
    purposes=("SERVICE", "SECURITY"),
    basis=LawfulBasis.CONTRACT,
    source=Source.OBSERVED,
    period="SESSION",
    ends="expire_date",
    personal={
        "session_key": Personal(Category.CREDENTIALS, on_access=_SESSION_KEY),
        "session_data": Personal(
            Category.CREDENTIALS,
            on_access=describe(_("That you are logged in, since when and how you proved who you are.")),
            note="account number, time and manner of the log-in, its address; for minutes what waits for the password",
        ),
        "expire_date": Personal(Category.ACCOUNT),
    },
)

_GROUPS, _PERMISSIONS = (
    Holding(
        model=f"accounts.User_{table}",
        label=label,
        about={"user": "user"},
        purposes=("SECURITY",),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.DERIVED,
        period="ACCOUNT",
        personal={"user": Personal(Category.ACCOUNT), field: Personal(Category.ACCOUNT)},
        neutral={"id"},
    )
    for table, field, label in (
        ("groups", "group", _("Your roles at Qlekta")),
        ("user_permissions", "permission", _("Your permissions at Qlekta")),
    )
)

_ADMIN_LOG = Holding(
    model="admin.LogEntry",
    label=_("Changes made in the administration"),
    about={"user": "user", "also": Via("object_id", by="accounts.queries.admin_object_ids")},
    purposes=("SECURITY",),
    basis=LawfulBasis.LEGITIMATE_INTERESTS,
    source=Source.OBSERVED,
    period="AUDIT",
    clock="action_time",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "action_time": Personal(Category.ACCOUNT),
        "object_id": Personal(Category.ACCOUNT, note="the number of what was changed"),
        "object_repr": Personal(Category.ACCOUNT, note="the number again: the text form of our models carries no name"),
        "change_message": Personal(Category.ACCOUNT, note="names of changed fields, never their values"),
    },
    neutral={"id", "content_type", "action_flag"},
)

HOLDINGS = (
    _USER,
    _PROFILE,
    _EARLIER,
    _LOGIN_EVENTS,
    _ADDRESSES,
    _CONFIRMATIONS,
    _SECOND_FACTORS,
    _USER_SESSIONS,
    _SESSIONS,
    _GROUPS,
    _PERMISSIONS,
    _ADMIN_LOG,
)

NOT_PERSONAL = (
    NotPersonal("auth.Group", "names of staff roles"),
    NotPersonal("auth.Permission", "names of staff permissions"),
    NotPersonal("auth.Group_permissions", "which role has which permission"),
    NotPersonal("contenttypes.ContentType", "names of tables"),
)
