from django.apps import AppConfig


class AtlasConfig(AppConfig):
    name = "wangge.atlas"
    pages = "wangge.atlas.pages"
