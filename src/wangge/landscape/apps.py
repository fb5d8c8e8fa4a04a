from django.apps import AppConfig


class LandscapeConfig(AppConfig):
    name = "wangge.landscape"
    default_auto_field = "django.db.models.BigAutoField"
