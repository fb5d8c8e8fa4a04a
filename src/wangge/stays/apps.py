from django.apps import AppConfig


class StaysConfig(AppConfig):
    name = "wangge.stays"
    default_auto_field = "django.db.models.BigAutoField"
