from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "wangge.screening"
    default_auto_field = "django.db.models.BigAutoField"
