"""Addresses below /chats/ and what belongs to single messages."""

from django.urls import path

from orchestrator.web.chat import keeping, pages, sending, sidebar, why

urlpatterns = [
    path("chat/", pages.new, name="home"),
    path("chat/list/", sidebar.chats, name="chats"),
    path("chat/send/", sending.send, name="send"),
    path("chat/route/", pages.route, name="route"),
    path("chat/<uuid:pk>/", pages.show, name="chat"),
    path("chat/<uuid:pk>/before/<uuid:before>/", pages.older, name="older"),
    path("chat/<uuid:pk>/details/", keeping.details, name="chat-details"),
    path("chat/<uuid:pk>/rename/", keeping.rename, name="rename-chat"),
    path("chat/<uuid:pk>/restore/", keeping.restore, name="restore-chat"),
    path("chat/<uuid:pk>/unpin-wishes/", sending.unpin, name="unpin-wishes"),
    path("chat/<uuid:pk>/profile/", sending.choose_profile, name="chat-profile"),
    path("chat/<uuid:pk>/do/<slug:what>/", keeping.change, name="change-chat"),
    path("messages/<uuid:pk>/", pages.message, name="message"),
    path("messages/<uuid:pk>/thinking/", pages.thinking, name="thinking"),
    path("messages/<uuid:pk>/again/", sending.again, name="again"),
    path("messages/<uuid:pk>/choices/", why.choices, name="choices"),
    path("messages/<uuid:pk>/go-on/", sending.go_on, name="go-on"),
    path("messages/<uuid:pk>/keep/", sending.keep, name="keep"),
    path("messages/<uuid:pk>/show/", sending.show, name="show-version"),
    path("messages/<uuid:pk>/branch/", keeping.branch, name="branch"),
    path("messages/<uuid:pk>/why/", why.why, name="why"),
    path("messages/<uuid:pk>/rate/", why.rate, name="rate"),
    path("messages/<uuid:pk>/wrong/", why.wrong, name="wrong"),
    path("messages/<uuid:pk>/always/", why.always, name="always"),
]
