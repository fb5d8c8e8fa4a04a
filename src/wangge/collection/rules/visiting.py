"""How a visit ends a door: a visit counts when person, dwelling and state are each recorded (见人、见居、见状态)."""

from __future__ import annotations

EVIDENCE_LEAST = 2
VERBS = {"surveyed": "survey", "refused": "refuse", "empty": "empty", "not_found": "miss"}


def verb_of(result: str, *, saw_person: bool, saw_dwelling: bool, saw_state: bool, evidence: str) -> str:
    """The step that a visit takes its door: survey, refuse, empty, miss; or attempt, where somebody must go again.

    Surveyed: person, dwelling and state were seen. Refused and empty: the dwelling and its state were seen, and
    the evidence is written down. Not found: what was looked for is written down. Raises ValueError with what is lacking
    for an end that the visit does not bear out.
    """
    if result not in VERBS:
        return "attempt"
    if result == "surveyed":
        lacking = [
            word
            for word, seen in (("person", saw_person), ("dwelling", saw_dwelling), ("state", saw_state))
            if not seen
        ]
    else:
        lacking = ["evidence"] if len("".join(evidence.split())) < EVIDENCE_LEAST else []
        if result != "not_found":
            lacking += [word for word, seen in (("dwelling", saw_dwelling), ("state", saw_state)) if not seen]
    if lacking:
        raise ValueError(*lacking)
    return VERBS[result]
