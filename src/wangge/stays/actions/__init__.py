"""Every write of the room."""

from wangge.stays.actions.arriving import import_arrivals, link_arrivals
from wangge.stays.actions.ending import destroy_emergency
from wangge.stays.actions.naming import name_affected_area

__all__ = ["destroy_emergency", "import_arrivals", "link_arrivals", "name_affected_area"]
