"""Error pages say what to do next and nothing of our inside."""

import logging

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path
from pytest_django import Settings

from clutchweb.urls import handler400, handler403, handler404, handler500
from orchestrator.web import errors

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def fail(request: HttpRequest) -> HttpResponse:
    raise ValueError("secret inside /work/main")


def fill(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database or disk is full")


async def fill_later(request: HttpRequest) -> HttpResponse:
    return fill(request)


urlpatterns = [path("fail/", fail), path("fill/", fill), path("fill-later/", fill_later)]


@pytest.mark.parametrize("address", ["/nowhere/", "/trips/x/", "/static/nothing.js"])
def test_a_missing_page_shows_no_paths_and_no_versions(page: Client, address: str) -> None:
    answer = page.get(address)
    text = answer.content.decode()
    assert answer.status_code == 404
    for inside in ("Traceback", "/work", "Django", "urlpatterns"):
        assert inside not in text
    if not address.startswith("/static"):
        assert answer.headers["X-Request-ID"] in text


@pytest.mark.django_db
def test_a_fault_of_ours_shows_a_number_that_is_in_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fail/")
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    number = answer.headers["X-Request-ID"]
    assert number in answer.content.decode()
    record = next(record for record in caplog.records if record.name == "django.request")
    assert record.request.id == number  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/fill/", "/fill-later/"])
async def test_an_outage_is_told_with_what_to_do(settings: Settings, address: str) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    page = await sync_to_async(Client(raise_request_exception=False).get)(address)
    assert page.status_code == 503
    assert "The disk is full" in page.content.decode()
    later = await AsyncClient(raise_request_exception=False).get(
        address, headers={"Accept": "application/json"}
    )
    assert later.status_code == 503
    assert later.json()["error"].startswith("The disk is full")


def test_too_much_is_answered_with_413(page: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert page.post("/chat/send/", {"text": "x" * 200}).status_code == 413


def test_any_other_bad_request_is_answered_with_400() -> None:
    request = RequestFactory().get("/")
    assert errors.bad_request(request, ValueError()).status_code == 400
    assert errors.bad_request(request, RequestDataTooBig()).status_code == 413


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_are_refused(page: Client, method: str) -> None:
    for address in ("/", "/chat/", "/trips/", "/chat/send/", "/sign-in/"):
        assert getattr(page, method)(address).status_code == 405
