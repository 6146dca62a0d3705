from django.contrib import admin
from django.urls import path, re_path

from config import language, sign_in
from deployments.admin import chat_accounts, device
from deployments.admin.notifications import mine
from deployments.admin.palette import page as palette
from deployments.api import door
from deployments.chat import slack, teams, teams_bot
from deployments.ops import metrics, readiness

admin.autodiscover()

urlpatterns = [
    path("metrics", metrics.view),
    path("readyz", readiness.view),
    path("password_change/", admin.site.admin_view(sign_in.change_password, cacheable=True), name="password_change"),
    path("language/", language.switch, name="set_language"),
    path("words.js", language.words, name="words"),
    path("chat-accounts/", admin.site.admin_view(chat_accounts.page), name="chat_accounts"),
    path("device/", admin.site.admin_view(device.page), name="device"),
    path("chat/slack/<int:pk>", slack.view),
    path("chat/teams/<int:pk>", teams.view),
    path("chat/teams-bot/<int:pk>", teams_bot.view),
    path("notifications/", admin.site.admin_view(mine.page), name="notifications"),
    path("api/v1/", door.api.urls),
    re_path("^api(?:/|$)", door.nothing_here),
    # Before the theme's own, whose address it takes.
    path("search/", admin.site.admin_view(palette.page), name="search"),
    path("", admin.site.urls),
]

handler403 = "deployments.admin.errors.denied"
handler404 = "deployments.admin.errors.not_found"
