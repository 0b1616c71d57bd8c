"""Celery: Redis where it is configured, else a broker in this process's memory.

The database is the truth in both modes; a lost message is found again by the sweeper.
"""

from typing import Any

from celery import Celery
from django.conf import settings
from kombu import Queue

from orchestrator.services.driving import queues

SETTINGS: dict[str, Any] = {
    "broker_url": settings.REDIS_URL or "memory://localhost/",
    # kombu's in-memory transport sleeps one second between empty polls unless told otherwise
    "broker_transport_options": {"polling_interval": 0.005}
    if settings.IS_EMBEDDED
    else {
        "visibility_timeout": 3600,
        # a request waits for no longer than this for a Redis that is stalled
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
    },
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_default_queue": queues.CHAT,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 1000,
    "worker_hijack_root_logger": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "timezone": "UTC",
    "imports": ("orchestrator.tasks",),
}


def made(*names: str, is_current: bool = False) -> Celery:
    """An app of its own for each worker of a process: which queues are taken from is the app's."""
    celery = Celery("clutchweb", set_as_current=is_current)
    celery.conf.update(SETTINGS, task_queues=[Queue(name) for name in names])
    return celery


app = made(*queues.ALL, is_current=True)
