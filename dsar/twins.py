"""Requests of one person for the same copy, running at the same time: one file is made and given to each (2.5).

Each keeps what is its own: its identity record, without which nothing is given, its package with its key and count of
downloads, its closing notice. Only the work is done once.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dsar.models import Package, Representative, SubjectRequest
from dsar.queries import subject_of
from dsar.terms import PackageState, Stage
from vault.files import read_sealed, sealed_writer

NEAR: Final = timedelta(hours=12)
"""Requests further apart than this ask for two states of the data, each as of its own receipt (clauses.md D12)."""


def lease_twins(package: Package, *, now: datetime) -> list[Package]:
    """Take the lease of every copy that the file of this one will answer too, as long as this one's holds.

    Those that another worker is at, that failed, or whose request is about somebody else stay as they are.
    """
    case, whose = package.request, subject_of(package.request)
    with transaction.atomic():
        waiting = (
            Package.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("request")
            .filter(
                state=PackageState.QUEUED,
                queued_at__lte=now,
                request__stage=Stage.OPEN,
                request__identified_at__isnull=False,
                request__right=case.right,
                request__language=case.language,
                request__received_at__range=(case.received_at - NEAR, case.received_at + NEAR),
                **_same_person(case),
            )
            .exclude(pk=package.pk)
        )
        twins = [twin for twin in waiting if subject_of(twin.request) == whose and not _is_represented(twin.request)]
        for twin in twins:
            twin.state, twin.lease, twin.leased_until = PackageState.BUILDING, package.lease, package.leased_until
            twin.attempts += 1
            twin.save(update_fields=["state", "lease", "leased_until", "attempts"])
    return twins


def copy_file(original: Package, name: str, twin: Package) -> str:
    """The file of one copy once more, sealed under the key of its twin; returns its name."""
    with sealed_writer(twin.key_owner, context=twin.context) as writer:
        for frame in read_sealed(original.key_owner, name, context=original.context):
            writer.write(frame)
    return writer.name


def _same_person(case: SubjectRequest) -> dict[str, object]:
    if case.user_id is not None:
        return {"request__user": case.user_id}
    return {"request__user__isnull": True, "request__email": case.email}


def _is_represented(case: SubjectRequest) -> bool:
    return Representative.objects.filter(case=case).exists()
