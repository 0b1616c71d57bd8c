"""Profiles can be edited; conversations and messages belong to their people and are read only."""

from django.contrib import admin

from orchestrator.admin.readonly import AnyAdmin, ReadOnlyAdmin
from orchestrator.models import (
    Attachment,
    Conversation,
    ConversationTag,
    DefaultProfile,
    ImportBatch,
    Message,
    Profile,
)


@admin.register(Profile)
class ProfileAdmin(AnyAdmin):
    list_display = ("name", "title", "user", "team", "policy", "max_level")
    list_filter = ("policy", "team")
    list_select_related = ("user", "team")
    search_fields = ("name", "title", "user__username")
    autocomplete_fields = ("user", "team")
    readonly_fields = ("shared_from", "revision")


@admin.register(DefaultProfile)
class DefaultProfileAdmin(ReadOnlyAdmin):
    list_display = ("user", "team", "profile")
    list_select_related = ("user", "team", "profile")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("title", "user", "profile", "updated_at", "archived_at", "deleted_at")
    list_filter = ("archived_at", "deleted_at")
    list_select_related = ("user", "profile")
    search_fields = ("id", "title", "user__username")


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "role", "trip", "created_at")
    list_filter = ("role",)
    list_select_related = ("conversation", "trip")
    search_fields = ("id", "conversation__id")


@admin.register(ConversationTag)
class ConversationTagAdmin(ReadOnlyAdmin):
    list_display = ("name", "conversation")
    list_select_related = ("conversation",)
    search_fields = ("name",)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "size", "user", "created_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    # what people attached is theirs; the record says that it is there
    exclude = ("data", "text")


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = ("id", "source", "user", "created_at", "undone_at")
    list_filter = ("source",)
    list_select_related = ("user",)
    search_fields = ("file_name", "user__username")
