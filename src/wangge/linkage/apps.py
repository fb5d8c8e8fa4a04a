from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "wangge.linkage"
    default_auto_field = "django.db.models.BigAutoField"
