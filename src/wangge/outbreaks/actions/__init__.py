"""Every write of the room."""

from wangge.outbreaks.actions.asking import ask_take_in
from wangge.outbreaks.actions.chains import record_contacts_of_contacts
from wangge.outbreaks.actions.destruction import destroy_emergency
from wangge.outbreaks.actions.exposures import link_contacts, record_household_exposures
from wangge.outbreaks.actions.manifests import import_manifest
from wangge.outbreaks.actions.patients import import_patients, place_patients
from wangge.outbreaks.actions.stays import import_stays

__all__ = [
    "ask_take_in",
    "destroy_emergency",
    "import_manifest",
    "import_patients",
    "import_stays",
    "link_contacts",
    "place_patients",
    "record_contacts_of_contacts",
    "record_household_exposures",
]
