"""One row for each request, in partitions of one UTC day: a day's end of storage is one DROP (policy clause 5.2)."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from visits.terms import Dimension, Exit, Kind, Platform

PATH_LENGTH = 512
SEARCH_LENGTH = 200
ITEM_LENGTH = 120
NAME_LENGTH = 40
VERSION_LENGTH = 20
METHOD_LENGTH = 10
KEY_LENGTH = 64
ELEMENTS_LENGTH = 200
LEAST_VISITORS = 10


class Visit(models.Model):
    """What the server itself saw of a request; nothing is read from or stored on the visitor's device.

    There is no foreign key to the user: the log must neither slow nor stop the deletion of an account. In PostgreSQL
    the primary key is (id, at), since a partitioned table's key holds the column it is partitioned by.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=NAME_LENGTH, choices=Kind)
    user_id = models.UUIDField(_("account"), null=True, blank=True)
    visitor_key = models.CharField(_("visitor key"), max_length=KEY_LENGTH)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    browser = models.CharField(_("browser"), max_length=NAME_LENGTH)
    browser_version = models.CharField(_("browser version"), max_length=VERSION_LENGTH)
    os = models.CharField(_("operating system"), max_length=NAME_LENGTH)
    platform = models.CharField(_("device"), max_length=NAME_LENGTH, choices=Platform)
    method = models.CharField(_("method"), max_length=METHOD_LENGTH)
    path = models.CharField(_("page"), max_length=PATH_LENGTH)
    referrer = models.CharField(_("came from"), max_length=PATH_LENGTH)
    search = models.CharField(_("searched for"), max_length=SEARCH_LENGTH)
    item = models.CharField(_("item viewed"), max_length=ITEM_LENGTH)
    status = models.PositiveSmallIntegerField(_("status"))
    response_ms = models.PositiveIntegerField(_("response time, ms"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            BrinIndex(fields=["at"], name="visits_visit_at"),
            models.Index(fields=["user_id"], name="visits_visit_user"),
            models.Index(fields=["visitor_key"], name="visits_visit_visitor"),
        ]


class PageUse(models.Model):
    """How a page was used, as the browser of somebody who agreed to that reports it (policy clause 5.2; Q5.17).

    It names the account, where one was logged in, and the keyed token of the consent's receipt, with which it ends. No
    address, no user agent, no text of the page. In PostgreSQL the primary key is (id, at), as it is of a visit.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    user_id = models.UUIDField(_("account"), null=True, blank=True)
    receipt_token = models.CharField(_("receipt of the consent"), max_length=KEY_LENGTH)
    path = models.CharField(_("page"), max_length=PATH_LENGTH)
    time_zone = models.CharField(_("time zone"), max_length=NAME_LENGTH)
    seconds = models.PositiveIntegerField(_("time on the page, s"))
    scroll = models.PositiveSmallIntegerField(_("scrolled down to (percent)"))
    clicks = models.PositiveIntegerField(_("clicks"))
    elements = models.CharField(_("parts of the page clicked"), max_length=ELEMENTS_LENGTH)
    exit = models.CharField(_("how the page was left"), max_length=NAME_LENGTH, choices=Exit)
    pdf_viewer = models.BooleanField(_("plug-in that shows PDF files"), null=True)

    class Meta:
        verbose_name = _("use of a page")
        verbose_name_plural = _("uses of pages")
        indexes = [
            BrinIndex(fields=["at"], name="visits_pageuse_at"),
            models.Index(fields=["user_id"], name="visits_pageuse_user"),
            models.Index(fields=["receipt_token"], name="visits_pageuse_receipt"),
        ]


class DailyStatistic(models.Model):
    """How many visits and visitors one group had on one day: what is left of the log when its days are gone (Q10.8).

    Both counts are null where the group had fewer than ten visitors, or where it would give away such a group. The name
    of a group is a word from a fixed list, without digits: no address, number or hash of anybody fits into it.
    """

    day = models.DateField(_("day"))
    dimension = models.CharField(_("dimension"), max_length=NAME_LENGTH, choices=Dimension)
    bucket = models.CharField(_("group"), max_length=NAME_LENGTH)
    visits = models.PositiveIntegerField(_("visits"), null=True)
    visitors = models.PositiveIntegerField(_("visitors"), null=True)

    class Meta:
        verbose_name = _("statistics of a day")
        verbose_name_plural = _("statistics by day")
        ordering = ["-day", "dimension", "bucket"]
        constraints = [
            models.UniqueConstraint(fields=["day", "dimension", "bucket"], name="visits_statistic_once"),
            models.CheckConstraint(
                name="visits_statistic_of_ten_or_nothing",
                condition=models.Q(visits__isnull=True, visitors__isnull=True)
                | models.Q(
                    # Said in full: to a check, a comparison with null is no fault.
                    visits__isnull=False,
                    visitors__isnull=False,
                    visitors__gte=LEAST_VISITORS,
                    visits__gte=models.F("visitors"),
                ),
            ),
            models.CheckConstraint(
                name="visits_statistic_group_is_a_word", condition=models.Q(bucket__regex=r"^[A-Za-z][A-Za-z _:-]*$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.dimension} {self.bucket}"
