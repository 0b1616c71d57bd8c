"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path

from orchestrator.web import errors, sign_in

urlpatterns = [
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("orchestrator.web.urls")),
]
handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
