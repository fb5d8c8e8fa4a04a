from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "wangge.watch"
    pages = "wangge.watch.pages"
