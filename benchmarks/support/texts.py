"""Documents for benchmarks."""

_LINES = (
    "Dear Sir or Madam,",
    "please find enclosed our invoice for the goods that were delivered in May.",
    "The amount is payable within thirty days and without deduction.",
    "Should you have any questions, our office is open on weekdays from nine to five.",
    "Yours faithfully, the accounts department",
)


def letter(number: int) -> str:
    """A letter of about 300 characters, different for every number."""
    return f"Letter {number}\n\n" + "\n".join(_LINES)


def report(number: int, characters: int) -> str:
    """A long text of the given length, different for every number from its first line on."""
    sections = [f"Report {number}"]
    size = 0
    while size < characters:
        sections.append(f"Section {number}.{len(sections)}. {' '.join(_LINES[1:4])}")
        size += len(sections[-1]) + 1
    return "\n".join(sections)[:characters]
