"""Addresses of the style guide."""

from django.urls import path

from wangge.console.styleguide import views

app_name = "styleguide"
urlpatterns = [
    path("", views.parts, name="parts"),
    path("today/", views.today, name="today"),
    path("work/", views.work, name="work"),
    path("work/<str:number>/", views.work, name="record"),
    path("areas.geojson", views.areas, name="areas"),
    path("points.geojson", views.points, name="points"),
    path("field/", views.field, name="field"),
    path("field/visit/", views.visit, name="visit"),
]
