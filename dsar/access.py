"""The copy from order to download: built under a lease, fetched at most three times (Art. 15(3), 20(1))."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation

from audit.trail import Actor
from datamap.catalogue import period
from datamap.terms import Right
from dsar import letters
from dsar.access_copy import CopyReport, write_copy, write_portability
from dsar.cases import move, note, person_of
from dsar.caution import require_calm
from dsar.collecting import ask_recipients
from dsar.doorbell import BUILD_PACKAGE, ring
from dsar.models import Package, SubjectRequest
from dsar.queries import subject_of
from dsar.refusals import NoDownloadLeft, WrongStage
from dsar.terms import DOWNLOAD_LIMIT, LEASE, PACKAGED, Outcome, PackageState, Stage
from dsar.twins import copy_file, lease_twins
from vault.files import delete_on_commit, delete_sealed, read_sealed, sealed_writer
from vault.keys import destroy_key
from vault.standing import require_master_key

log = logging.getLogger(__name__)

ATTEMPTS: Final = 5
SYSTEM: Final = Actor.system("dsar.access")


class NotWhole(Exception):
    """Something could not be read: the copy is tried again, and after the last attempt it goes out and says so."""


def queue_copy(case: SubjectRequest, *, now: datetime) -> Package:
    """Order a copy in the caller's transaction and wake a worker when that commits; beat wakes one too."""
    package = Package.objects.create(request=case, queued_at=now)
    transaction.on_commit(lambda: ring(BUILD_PACKAGE, case.pk), robust=True)
    return package


def copies_to_build(now: datetime) -> list[UUID]:
    """Requests whose copy nobody is building: queued, or left behind by a worker that died."""
    waiting = Q(package__state=PackageState.QUEUED) | Q(
        package__state=PackageState.BUILDING, package__leased_until__lte=now
    )
    open_ones = SubjectRequest.objects.filter(waiting, stage=Stage.OPEN, right__in=PACKAGED)
    return list(open_ones.order_by("received_at").values_list("pk", flat=True))


def build_package(request_id: UUID, *, now: datetime) -> Package | None:
    """Build the copy of a request, once: None where there is nothing to build or another worker is at it.

    The file is written outside any transaction; the row takes it only while the lease still holds. Raises
    WrongMasterKey, before the attempt counts.
    """
    require_master_key()
    package = _lease(request_id, now=now)
    if package is None:
        return None
    case, twins = package.request, lease_twins(package, now=now)
    try:
        name, report = _write(package, case, now=now)
    except Exception:
        for given_up in (package, *twins):
            _let_go(given_up)
        raise
    if not _conclude(package, name, report, now=now):
        delete_sealed(name)
        for twin in twins:
            _let_go(twin)
        return None
    for twin in twins:
        _serve(twin, package, name, report, now=now)
    log.info("copy %s built: %d rows", package.pk, report.rows)
    if report.broken:
        log.error("copy %s is not whole: %d sources could not be read", package.pk, len(report.broken))
    return package


def _serve(twin: Package, package: Package, name: str, report: CopyReport, *, now: datetime) -> None:
    """Answer another request of the person with the same file; where that fails it waits for a file of its own."""
    try:
        own = copy_file(package, name, twin)
    except Exception:
        _let_go(twin)
        raise
    if _conclude(twin, own, report, now=now, together_with=package.request):
        log.info("copy %s given as copy %s too", package.pk, twin.pk)
    else:
        delete_sealed(own)


def _lease(request_id: UUID, *, now: datetime) -> Package | None:
    with transaction.atomic():
        package = (
            Package.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("request")
            .filter(request_id=request_id, request__stage=Stage.OPEN, request__identified_at__isnull=False)
            .first()
        )
        if package is None or package.state in {PackageState.READY, PackageState.FAILED}:
            return None
        if package.leased_until and package.leased_until > now:
            return None
        if package.attempts >= ATTEMPTS:  # each worker died over it: none was left to give it back
            _fail(package)
            return None
        package.state = PackageState.BUILDING
        package.lease = uuid4()
        package.leased_until = now + LEASE
        package.attempts += 1
        package.save(update_fields=["state", "lease", "leased_until", "attempts"])
    return package


def _write(package: Package, case: SubjectRequest, *, now: datetime) -> tuple[str, CopyReport]:
    subject = subject_of(case)
    if not subject.is_somebody:
        raise WrongStage
    with (
        translation.override(case.language),
        sealed_writer(package.key_owner, context=package.context) as writer,
    ):
        # What she gave us is portable; what others hold of it is not read for that.
        if case.right == Right.PORTABILITY:
            report = write_portability(writer, subject, case=case, package=package, now=now)
        else:
            answers = ask_recipients(subject, now=now)
            report = write_copy(writer, subject, case=case, package=package, now=now, answers=answers)
        if report.broken and package.attempts < ATTEMPTS:
            raise NotWhole(report.broken)
    return writer.name, report


def _conclude(
    package: Package, name: str, report: CopyReport, *, now: datetime, together_with: SubjectRequest | None = None
) -> bool:
    """Put the file into the row and answer the request, unless lease or request were lost meanwhile."""
    with transaction.atomic():
        # An erasure holds the account's row from its first statement on: whoever comes later finds nobody to tell.
        whose = package.request.user_id
        people = get_user_model()._base_manager.select_for_update(no_key=True)
        if whose is not None and people.filter(pk=whose).first() is None:
            return False
        case = SubjectRequest.objects.select_for_update().get(pk=package.request_id)
        taken = Package.objects.filter(pk=package.pk, lease=package.lease).update(
            state=PackageState.READY,
            file_name=name,
            size=report.size,
            manifest=report.manifest,
            rows_done=report.rows,
            rows_total=report.rows,
            lease=None,
            leased_until=None,
            built_at=now,
            link_ends_at=period("DOWNLOAD_LINK").ends_at(now),
            ends_at=period("PACKAGE").ends_at(now),
        )
        if not taken or case.stage != Stage.OPEN:
            transaction.set_rollback(rollback=True)
            return False
        case = move(
            case.pk,
            Stage.ANSWERED,
            action="copy_made_available",
            actor=SYSTEM,
            now=now,
            outcome=Outcome.PARTLY_FULFILLED if report.broken else Outcome.FULFILLED,
            answered_at=now,
            answered_with=together_with,
        )
        if together_with is not None:
            note(case, "answered_together", actor=SYSTEM, now=now)
        letters.tell_copy_ready(case, now=now)
    return True


def _fail(package: Package) -> None:
    Package.objects.filter(pk=package.pk).update(state=PackageState.FAILED, lease=None, leased_until=None)
    log.error("copy %s could not be built: %d workers died over it", package.pk, package.attempts)


def _let_go(package: Package) -> None:
    """Give a failed attempt back to the queue; after the last one staff must look."""
    state = PackageState.FAILED if package.attempts >= ATTEMPTS else PackageState.QUEUED
    Package.objects.filter(pk=package.pk, lease=package.lease).update(state=state, lease=None, leased_until=None)
    log.error("copy %s could not be built, attempt %d", package.pk, package.attempts)


def take_download(package: Package, *, now: datetime, by_representative: bool = False) -> Iterator[bytes]:
    """Use up one download and give the file, frame by frame.

    One atomic statement judges state, expiry and count, so that 50 at once get three (security D3, D4). A download
    that is cut off is given back: close what comes out of here. Raises NoDownloadLeft, WaitsForSafety and
    StoppedFromOlderAddress.
    """
    # By the clock of the web servers, which dates the changes of an account and the waits after them too: two clocks in
    # one step would let a wait begin before its change. A server that runs behind gives a copy for so much longer; the
    # sweep, by the database's clock, destroys its file and key.
    require_calm(package.request, now=now)
    with transaction.atomic():
        taken = Package.objects.filter(
            pk=package.pk, state=PackageState.READY, link_ends_at__gt=now, downloads__lt=DOWNLOAD_LIMIT
        ).update(downloads=F("downloads") + 1)
        if not taken:
            raise NoDownloadLeft
        case = SubjectRequest.objects.get(pk=package.request_id)
        action = "copy_fetched" if by_representative else "copy_downloaded"
        note(case, action, actor=person_of(case), now=now)
        package.refresh_from_db()
        # Opened before the count is committed: a file or key that fails uses up no download.
        frames = read_sealed(package.key_owner, package.file_name, context=package.context)
    given = _handed_over(frames, package, now=now)
    next(given)  # begun, so that closing it before the first frame gives the download back too
    return given


def _handed_over(frames: Iterator[bytes], package: Package, *, now: datetime) -> Iterator[bytes]:
    """The frames; where the reader goes away before the last of them, the download counts for nothing (F32)."""
    whole = False
    try:
        yield b""
        yield from frames
        whole = True
    finally:
        if not whole:
            with transaction.atomic():
                Package.objects.filter(pk=package.pk, downloads__gt=0).update(downloads=F("downloads") - 1)
                case = SubjectRequest.objects.get(pk=package.request_id)
                note(case, "download_cut", actor=SYSTEM, now=now)


def destroy_package(package: Package, *, now: datetime) -> bool:
    """Take the key, the row and the file away; False where somebody else was faster. Without its key a file that is
    left behind opens for nobody.
    """
    with transaction.atomic():
        # As it is now: a builder may have given it its file since it was read. The request first, as the builder does.
        list(SubjectRequest.objects.select_for_update().filter(pk=package.request_id).values("pk"))
        current = Package.objects.select_for_update().filter(pk=package.pk).first()
        if current is None:
            return False
        destroy_key(current.key_owner, now=now)
        delete_on_commit(current.file_name)
        current.delete()
    return True
