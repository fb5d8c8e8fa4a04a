"""健康凭证 Signed status credentials and their verifier: plain Python, usable without the platform.

Stands here: the HCERT container (COSE_Sign1, CBOR, zlib, base45), issuing, strips, paper, two-level trust between
provinces, acceptance rules in CertLogic, revocation by random id, offline verification, the EU DCC profile.
Never here: a person. A credential holds initials, a birthday without its year, a colour and a random id; nothing is
looked up, sent or kept when one is checked. Manual: docs/credential.md; formats: contracts/credential/.
"""

from wangge_credential.claims import Claims, Colour, Form
from wangge_credential.issuing import issue, strips
from wangge_credential.keys import SigningKey, VerifyingKey, generate, read_private
from wangge_credential.problems import Problem, Refused, Unreadable
from wangge_credential.trust import Trust, read_bundle
from wangge_credential.verify import Verdict, Verifier

__all__ = [
    "Claims",
    "Colour",
    "Form",
    "Problem",
    "Refused",
    "SigningKey",
    "Trust",
    "Unreadable",
    "Verdict",
    "Verifier",
    "VerifyingKey",
    "generate",
    "issue",
    "read_bundle",
    "read_private",
    "strips",
]
