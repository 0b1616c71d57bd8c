"""Headers of every response, who may ask at all, and what fragments get."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, AsyncRequestFactory, Client
from pytest_django import Settings

from orchestrator.models import User
from orchestrator.web import middleware

from .conftest import signed_in

PAGES = ["/", "/chat/", "/trips/", "/health/", "/settings/", "/sign-in/", "/nowhere/", "/admin/"]
EVIL = "http://evil.example"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_private_and_keeps_to_itself(root: User, path: str) -> None:
    client = Client() if path == "/sign-in/" else signed_in(root)
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert "no-store" in headers["Cache-Control"]
    assert "HX-Request" in headers["Vary"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-ID"]


@pytest.mark.django_db
def test_static_files_may_be_kept_and_are_no_pages() -> None:
    answer = Client().get("/static/css/tokens.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/../settings.py", "/static/%2e%2e%2fmanage.py", "/static/..%5cmanage.py"]
)
def test_static_files_end_at_their_folder(page: Client, path: str) -> None:
    assert page.get(path).status_code in (400, 404)


@pytest.mark.parametrize(
    "host",
    [
        *("rebind.evil.example:8760", "0.0.0.0:8760", "localhost/health?x=", "localhost#"),
        *("localhost@evil", "localhost,localhost", "localhost evil", ""),
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/sign-in/"])
def test_another_host_gets_an_error_page_with_all_headers(host: str, path: str) -> None:
    answer = Client(headers={"host": host}).get(path)
    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{}, {"origin": EVIL}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
@pytest.mark.parametrize("path", ["/chat/send/", "/chat/route/", "/sign-out/", "/settings/tokens/"])
def test_a_foreign_form_is_refused(path: str, headers: dict[str, str], ada: User) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    client.force_login(ada)
    answer = client.post(path, {"text": "hello"})
    assert answer.status_code == 403
    assert b"CSRF" not in answer.content


def test_a_form_of_another_site_is_refused_even_with_a_right_token(page: Client) -> None:
    answer = page.post("/chat/route/", {"text": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_no_other_site_is_told_it_may_read(page: Client) -> None:
    for method in ("get", "options"):
        answer = getattr(page, method)(
            "/", headers={"origin": EVIL, "access-control-request-private-network": "true"}
        )
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_cookies_have_our_own_names_and_are_out_of_reach_of_scripts(
    ada: User, settings: Settings
) -> None:
    client = Client()
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "ada", "password": "correct horse battery"})
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for name, cookie in client.cookies.items():
        assert name.startswith("clutch_")
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


@pytest.mark.django_db
def test_a_fragment_asked_without_sign_in_moves_the_whole_page() -> None:
    answer = Client().post("/chat/route/", {"text": "x"}, headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in/?next=")
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP"]
)
def test_forwarded_headers_of_anybody_change_nothing(page: Client, header: str) -> None:
    answer = page.get("/trips/", headers={header: "evil.example"})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


async def test_it_works_without_a_thread_of_its_own() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    answer = await middleware.headers(view)(AsyncRequestFactory().get("/"))
    assert answer.headers["X-Request-ID"]


@pytest.mark.django_db
async def test_pages_answer_over_asgi_too() -> None:
    answer = await AsyncClient().get("/healthz")
    assert answer.content == b"ok\n"
    assert answer.headers["X-Request-ID"]
