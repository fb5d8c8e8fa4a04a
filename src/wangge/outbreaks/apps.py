from django.apps import AppConfig


class OutbreaksConfig(AppConfig):
    name = "wangge.outbreaks"
    default_auto_field = "django.db.models.BigAutoField"
