"""凭证 credentials: status credentials given out on application while an emergency lasts.

Here stand: applications, the credentials made for them, the signer that dies with its emergency, and what verifiers
load (trust list, revoked ids). Never here: where or when anybody showed one, a name, a year of birth, the reason of a
colour; nor a colour of its own, which is screening's.
"""
