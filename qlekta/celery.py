"""The scheduler's table and the worker's application; beat only ticks, every deadline is a row in PostgreSQL."""

import os
from datetime import timedelta
from typing import Final

from celery import Celery, shared_task
from celery.schedules import crontab
from django.conf import settings
from django.core.cache import caches
from django.utils import timezone

from qlekta.tasks import OpenSiteTask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlekta.settings")

HEARTBEAT_KEY: Final = "beat:heartbeat"
HEARTBEAT_LIMIT: Final = timedelta(minutes=2)

app = Celery("qlekta", task_cls=OpenSiteTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
# Long enough for almost every task; what is not done then goes back to the queue at once.
app.conf.worker_soft_shutdown_timeout = 4.0
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "heartbeat-every-5-seconds": {"task": "qlekta.heartbeat", "schedule": timedelta(seconds=5)},
    "drain-outbox-every-10-seconds": {"task": "outbox.drain", "schedule": timedelta(seconds=10)},
    "run-campaigns-every-20-seconds": {"task": "newsletters.run_campaigns", "schedule": timedelta(seconds=20)},
    "read-lists-every-20-seconds": {"task": "newsletters.read_lists", "schedule": timedelta(seconds=20)},
    "resume-cases-every-60-seconds": {"task": "dsar.resume_work", "schedule": timedelta(seconds=60)},
    "follow-notices-to-recipients-hourly": {"task": "dsar.follow_notices", "schedule": crontab(minute="47")},
    "remind-of-cases-hourly": {"task": "dsar.remind", "schedule": crontab(minute="41")},
    "seal-ledgers-every-60-seconds": {"task": "retention.seal_ledgers", "schedule": timedelta(seconds=60)},
    "reconcile-mail-daily": {"task": "mailing.reconcile", "schedule": crontab(hour="2", minute="37")},
    "reconcile-cards-daily": {"task": "payments.reconcile_cards", "schedule": crontab(hour="2", minute="11")},
    "reconcile-escrow-hourly": {"task": "payments.reconcile_escrow", "schedule": crontab(minute="53")},
    "write-of-changed-policy-every-60-seconds": {
        "task": "consent.write_of_changed_policy",
        "schedule": timedelta(seconds=60),
    },
    "publish-heads-daily": {"task": "retention.publish_heads", "schedule": crontab(hour="3", minute="17")},
    "watch-registers-hourly": {"task": "registers.watch", "schedule": crontab(minute="23")},
    "make-partitions-hourly": {"task": "visits.make_partitions", "schedule": crontab(minute="2")},
    "count-visits-daily": {"task": "visits.count_days", "schedule": crontab(hour="4", minute="12")},
    "refresh-profiles-daily": {"task": "profiling.refresh", "schedule": crontab(hour="4", minute="48")},
    "finish-orders-hourly": {"task": "marketplace.finish_orders", "schedule": crontab(minute="37")},
    "close-ended-listings-hourly": {"task": "marketplace.close_ended", "schedule": crontab(minute="7")},
    f"purge-every-{settings.PURGE_EVERY.seconds}-seconds": {
        "task": "retention.purge",
        "schedule": settings.PURGE_EVERY,
    },
}


@shared_task(name="qlekta.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Leave the time where `/readyz` and `bin/run --check` see that beat still makes the worker do something."""
    caches["valkey"].set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=None)
