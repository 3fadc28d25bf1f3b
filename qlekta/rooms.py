"""The apps of this project, in the order in which they stand on one another."""

from typing import Final

PROJECT_APPS: Final = (
    "datamap",
    "vault",
    "audit",
    "outbox",
    "replay",
    "mailing",
    "accounts",
    "consent",
    "newsletters",
    "enquiries",
    "loyalty",
    "profiling",
    "surveys",
    "cookies",
    "payments",
    "visits",
    "marketplace",
    "retention",
    "dsar",
    "registers",
)
