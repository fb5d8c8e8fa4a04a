from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Only for the commands that put rooms together."""

    name = "wangge.project"
