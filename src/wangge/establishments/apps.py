from django.apps import AppConfig


class EstablishmentsConfig(AppConfig):
    name = "wangge.establishments"
    default_auto_field = "django.db.models.BigAutoField"
