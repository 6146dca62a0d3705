from django.contrib import admin
from django.urls import path, re_path

from config import sign_in
from deployments.admin import device
from deployments.api import door
from deployments.ops import metrics, readiness

admin.autodiscover()

urlpatterns = [
    path("metrics", metrics.view),
    path("readyz", readiness.view),
    path("password_change/", admin.site.admin_view(sign_in.change_password, cacheable=True), name="password_change"),
    path("device/", admin.site.admin_view(device.page), name="device"),
    path("api/v1/", door.api.urls),
    re_path("^api(?:/|$)", door.nothing_here),
    path("", admin.site.urls),
]
