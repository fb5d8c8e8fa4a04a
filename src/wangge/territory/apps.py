from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "wangge.territory"
    default_auto_field = "django.db.models.BigAutoField"
