from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "wangge.office"
    pages = "wangge.office.pages"
