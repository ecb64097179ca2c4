"""Persons in the audit record: who asked by name, whom it was about by a keyed hash, which tells nothing without the key."""

import hmac
import re
from hashlib import sha256

_STAFF = re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9.-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Pseudonyms:
    """One key for a deployment, so that all records of one patient can be found by whoever holds it and the patient's id."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def patient(self, client: str, patient_id: str) -> str:
        """Ids of two clients' patients may be equal: the client is part of it."""
        return self._hash("patient", client, patient_id) if patient_id else ""

    def user(self, client: str, user_id: str) -> str:
        """Staff as the client names them. Anybody else may be the patient."""
        if not user_id or _STAFF.fullmatch(user_id):
            return user_id
        return self._hash("user", client, user_id)

    def instance(self, client: str, hook_instance: str) -> str:
        """A UUID as it is; what is none may be anything."""
        if not hook_instance or _UUID.fullmatch(hook_instance):
            return hook_instance
        return self._hash("instance", client, hook_instance)

    def _hash(self, *parts: str) -> str:
        return hmac.digest(self._key, "\0".join(parts).encode(), sha256).hex()
