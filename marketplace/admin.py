"""The pages of the staff about the marketplace."""

from marketplace import comment_admin, report_admin

__all__ = ["comment_admin", "report_admin"]
