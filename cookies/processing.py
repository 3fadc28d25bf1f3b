"""What the Art. 30 record says of cookies and of other companies on the pages: each service in use is an activity
(policy clauses 11, 12; Q11.3, Q11.15)."""

from django.utils.translation import gettext as _

from cookies.registry import Category as Kind
from cookies.registry import Service, register
from datamap.register import Activity
from datamap.terms import Category, LawfulBasis, Safeguard, Source, SubjectKey

_NECESSARY = "SERVICE"


def activities() -> list[Activity]:
    """The services in use, in the order of the register, in the active language."""
    return [_activity(service) for service in register().services]


def _activity(service: Service) -> Activity:
    is_necessary = service.category is Kind.NECESSARY
    is_theirs = bool(service.csp) or any(cookie.third_party for cookie in service.cookies)
    named = f"{service.provider} ({service.country})"
    safeguard = service.safeguard
    return Activity(
        label=service.title,
        place=f"cookies: {service.key}",
        purposes=(service.category.purpose or _NECESSARY,),
        basis=LawfulBasis.CONTRACT if is_necessary else LawfulBasis.CONSENT,
        subjects=(SubjectKey.VISITOR,),
        categories=tuple(_categories(service, is_theirs=is_theirs)),
        source=Source.OBSERVED,
        recipients=(named,) if is_theirs else (),
        transfers=(f"{named}, {safeguard.label}",) if is_theirs and safeguard is not Safeguard.NONE_NEEDED else (),
        kept=tuple(f"{cookie.name}: {cookie.kept}" for cookie in service.cookies) or (_else_kept(service),),
        counted_from=_("when the browser was last given it"),
        version=service.mark,
    )


def _categories(service: Service, *, is_theirs: bool) -> list[Category]:
    found = [Category.DEVICE]
    if service.cookies:
        found.append(Category.VISITOR_KEY)
    if service.reads or is_theirs:
        found.append(Category.BEHAVIOUR)
    if is_theirs:
        found.append(Category.NETWORK)
    return found


def _else_kept(service: Service) -> str:
    if service.reads:
        return _("nothing is kept in the browser; what it reports has an activity of its own")
    return _("as the policy of %(provider)s says: %(policy)s") % {
        "provider": service.provider,
        "policy": service.policy_url,
    }
