"""Error pages say what to do next and nothing of our inside."""

import logging

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import Settings

from clutchweb.urls import handler400, handler403, handler404, handler500
from orchestrator.web import errors

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def fail(request: HttpRequest) -> HttpResponse:
    raise ValueError("secret inside /work/main")


urlpatterns = [path("fail/", fail)]


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
