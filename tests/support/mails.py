"""Mails that several kinds of tests read."""

PARTLY_READ = """From: ann@example.com
Subject: The offer
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

Please find it attached.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="offer.zzz"
Content-Transfer-Encoding: base64

AAECAwQFBgcICQAB
--b--
"""
"""What is attached to it is of no known type."""
