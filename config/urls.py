from django.contrib import admin
from django.urls import path

from deployments.ops import metrics, readiness

urlpatterns = [
    path("metrics", metrics.view),
    path("readyz", readiness.view),
    path("", admin.site.urls),
]
