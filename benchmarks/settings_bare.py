"""The site without the visit log: what `visit_latency` compares with."""

from qlekta.settings import *  # noqa: F403 - the same settings but for one line
from qlekta.settings import MIDDLEWARE as _ALL

MIDDLEWARE = [name for name in _ALL if name != "visits.middleware.VisitMiddleware"]
