"""Where the `docstage` command begins: before anything large is imported."""

import gc

# What is imported at the start is never garbage. Looking through it every 700 objects, as Python does, takes
# a tenth of the time of a command that reads.
_OBJECTS_BETWEEN_LOOKS = 50_000


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    from docstage.cli.main import main as run

    try:
        run()
    finally:
        # Ending, Python would look through all of it once more: a sixth of the time of such a command.
        gc.freeze()
