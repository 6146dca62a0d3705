from django.contrib import admin
from django.urls import path

from config import sign_in
from deployments.ops import metrics, readiness

admin.autodiscover()

urlpatterns = [
    path("metrics", metrics.view),
    path("readyz", readiness.view),
    path("password_change/", admin.site.admin_view(sign_in.change_password, cacheable=True), name="password_change"),
    path("", admin.site.urls),
]
