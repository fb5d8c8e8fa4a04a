"""The published list of Tianjin's cases (Tindale et al. 2020): what its headers, trimmed, are here."""

TIANJIN = {
    "case_id": "patient_no",
    "gender": "sex",
    "age": "age",
    "symptom_onset": "onset_on",
    "symptom_type": "symptoms",
    "confirm_date": "confirmed_on",
    "Infection_source": "infection_source",
    "start_source": "exposed_from",
    "end_source": "exposed_until",
    "severity": "severity",
    "death": "died_on",
}
