from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "wangge.console"
    pages = "wangge.console.pages"
