from django.apps import AppConfig


class CanvassConfig(AppConfig):
    name = "wangge.canvass"
    pages = "wangge.canvass.pages"
