"""Celery: Redis where it is configured, else a broker in this process's memory.

The database is the truth in both modes; a lost message is found again by the sweeper.
"""

from celery import Celery
from django.conf import settings

from orchestrator.services.driving import queues

app = Celery("clutchweb")
app.conf.update(
    broker_url=settings.REDIS_URL or "memory://localhost/",
    # kombu's in-memory transport sleeps one second between empty polls unless told otherwise
    broker_transport_options={"polling_interval": 0.005}
    if settings.IS_EMBEDDED
    else {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 5},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    # A message is done with when a process has it: what that process leaves behind, the sweeper
    # finds. One that is open while Redis goes away ends the whole worker with an error, and one
    # that is open for longer than an hour is delivered again.
    task_acks_late=False,
    worker_disable_prefetch=bool(settings.REDIS_URL),
    task_serializer="json",
    accept_content=["json"],
    task_default_queue=queues.CHAT,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    timezone="UTC",
    imports=("orchestrator.tasks", "clutchweb.workers"),
)
