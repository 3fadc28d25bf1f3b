"""The worker's part: copies and erasures by the ids of their requests, and beat's search for what was left lying."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from dsar.access import build_package, copies_to_build
from dsar.at_once import end_advertising, objections_to_carry_out
from dsar.doorbell import BUILD_PACKAGE, END_ADVERTISING, EXECUTE_ERASURE, TAKE_SNAPSHOT
from dsar.erasure import erasures_to_run, run_erasure
from dsar.recipients import follow_notices
from dsar.reminders import remind
from dsar.renewing import renew_snapshot, snapshots_to_renew
from dsar.taking import snapshots_to_take, take_snapshot

RESUME_WORK = "dsar.resume_work"


@shared_task(name=BUILD_PACKAGE, acks_late=True, ignore_result=True)
def build_package_task(request_id: str) -> None:
    """Build the copy of this request, unless it is built already or a worker is at it."""
    build_package(UUID(request_id), now=timezone.now())


@shared_task(name=EXECUTE_ERASURE, acks_late=True, ignore_result=True)
def execute_erasure_task(request_id: str) -> None:
    """Carry this confirmed erasure out, unless it is done already."""
    run_erasure(UUID(request_id), now=timezone.now())


@shared_task(name=TAKE_SNAPSHOT, acks_late=True, ignore_result=True)
def take_snapshot_task(request_id: str) -> None:
    """Set aside what goes before this request's answer can be due, unless that is done already and reaches far."""
    take_snapshot(UUID(request_id), now=timezone.now())
    renew_snapshot(UUID(request_id), now=timezone.now())


@shared_task(name=END_ADVERTISING, acks_late=True, ignore_result=True)
def end_advertising_task(request_id: str) -> None:
    """End the consents behind the address of this objection, unless that is done already."""
    end_advertising(UUID(request_id), now=timezone.now())


@shared_task(name=RESUME_WORK, acks_late=True, ignore_result=True)
def resume_work() -> None:
    """Do what no bell rang for, and what a dead worker left behind: the rows say what that is."""
    for request_id in erasures_to_run():
        execute_erasure_task.apply_async(args=(str(request_id),), queue="erasure")
    for request_id in objections_to_carry_out():
        end_advertising_task.apply_async(args=(str(request_id),), queue="erasure")
    for request_id in [*snapshots_to_take(timezone.now()), *snapshots_to_renew(timezone.now())]:
        take_snapshot_task.apply_async(args=(str(request_id),), queue="export")
    for request_id in copies_to_build(timezone.now()):
        build_package_task.apply_async(args=(str(request_id),), queue="export")


@shared_task(name="dsar.follow_notices", acks_late=True, ignore_result=True)
def follow_notices_task() -> None:
    """Look up what became of what was ordered at recipients of data (Art. 19)."""
    follow_notices(now=timezone.now())


@shared_task(name="dsar.remind", acks_late=True, ignore_result=True)
def remind_task() -> None:
    """Count due dates anew where the table of holidays changed, and remind of those that come near."""
    remind(now=timezone.now())
