"""What the processes that stay write to their log."""

import logging


def set_up(process: str, level: str) -> None:
    """Log what docstage does from this level on, and of the libraries it uses only warnings.

    Their details have headers of requests and answers, and with them keys and documents.
    """
    wanted = logging.getLevelNamesMapping()[level]
    logging.basicConfig(
        level=max(wanted, logging.WARNING), format=f"%(asctime)s {process} %(levelname)s %(message)s"
    )
    logging.getLogger("docstage").setLevel(wanted)
