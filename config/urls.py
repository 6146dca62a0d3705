from django.contrib import admin
from django.urls import path

from deployments.observability import metrics

urlpatterns = [
    path("metrics", metrics.view),
    path("", admin.site.urls),
]
