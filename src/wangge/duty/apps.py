from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "wangge.duty"
    pages = "wangge.duty.pages"
