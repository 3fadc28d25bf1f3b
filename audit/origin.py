"""Whether a form without a token came from another site: told without a cookie (security H4)."""

from urllib.parse import urlsplit

from django.http import HttpRequest


def is_from_elsewhere(request: HttpRequest) -> bool:
    """True where the browser itself says that another site sent this form.

    Forms with this check do nothing for a session: they only file, or need the secret of a link. So a browser that
    says nothing, as text browsers do, is let through.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    claimed = request.headers.get("Origin")
    if claimed is None:
        return False
    origin = urlsplit(claimed)
    return (origin.scheme, origin.netloc) != (request.scheme, request.get_host())
