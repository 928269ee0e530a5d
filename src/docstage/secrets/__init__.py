"""Secrets: references to where they are, or stored sealed under a key file that only the owner can read.

A secret is resolved when a client is made and goes nowhere else: not into answers, logs, snapshots or
exports.
"""

from docstage.secrets.references import ENV, FILE, STORED, SecretError, SecretMissing, checked, describe
from docstage.secrets.rules import Destination, SecretRules
from docstage.secrets.vault import Secrets

__all__ = [
    "ENV",
    "FILE",
    "STORED",
    "Destination",
    "SecretError",
    "SecretMissing",
    "SecretRules",
    "Secrets",
    "checked",
    "describe",
]
