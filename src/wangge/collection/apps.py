from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "wangge.collection"
    default_auto_field = "django.db.models.BigAutoField"
