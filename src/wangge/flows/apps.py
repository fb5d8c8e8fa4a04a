from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Registered so that the flows' background jobs are found. No tables stand here."""

    name = "wangge.flows"
    label = "flows"
