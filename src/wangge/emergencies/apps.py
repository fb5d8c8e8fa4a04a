from django.apps import AppConfig


class EmergenciesConfig(AppConfig):
    name = "wangge.emergencies"
    default_auto_field = "django.db.models.BigAutoField"
