"""The password again before export, deletion and change of e-mail, at most 15 minutes old (Q15.3, requirement I1)."""

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def recently_authenticated(request: HttpRequest) -> bool:
    """True where this session gave its password or second factor again within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    return did_recently_reauthenticate(request)


def step_up_required(view: View) -> View:
    """
    Sends a visitor to the log-in, a person whose last proof is too old to the page that asks for the password.

    After that the person comes back to the same address; what was posted is posted then, so that nothing is lost.
    """
    return login_required(reauthentication_required(view))
