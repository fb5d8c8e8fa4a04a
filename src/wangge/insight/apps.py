from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "wangge.insight"
    default_auto_field = "django.db.models.BigAutoField"
