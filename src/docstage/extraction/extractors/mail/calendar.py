"""Appointments, tasks and cards of people (iCalendar RFC 5545, vCard RFC 6350) as lines that people read."""

import re
from collections.abc import Iterator

_FIELDS = {
    "METHOD": "Method",
    "SUMMARY": "Summary",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "DURATION": "Duration",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "RDATE": "Also on",
    "EXDATE": "Not on",
    "RECURRENCE-ID": "In place of",
    "PRIORITY": "Priority",
    "PERCENT-COMPLETE": "Percent complete",
    "COMPLETED": "Completed",
    "CATEGORIES": "Categories",
    "URL": "Address",
    "COMMENT": "Comment",
    "DESCRIPTION": "Description",
    "TRIGGER": "Reminder",
    "FN": "Name",
    "ORG": "Organization",
    "TITLE": "Title",
    "TEL": "Telephone",
    "EMAIL": "E-mail",
    "ADR": "Postal address",
    "BDAY": "Birthday",
    "NOTE": "Note",
}
_BLOCKS = {
    "VEVENT": "Appointment",
    "VTODO": "Task",
    "VJOURNAL": "Journal entry",
    "VFREEBUSY": "Free and busy times",
    "VCARD": "Contact",
}
_LINE = re.compile(r'([\w.-]+)((?:;[\w-]+=(?:"[^"]*"|[^";:]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([\w-]+)=("[^"]*"|[^";:]*)')
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_ESCAPED = re.compile(r"\\([nN,;\\:])")
_MOST_LINES = 100_000


def read_calendar(text: str) -> str:
    """The appointments, tasks and people of a calendar or of cards, each with its fields, one a line."""
    pieces: list[str] = []
    open_blocks: list[str] = []
    for line in _unfolded(text):
        found = _LINE.match(line)
        if found is None:
            continue
        name, written, value = found[1].rpartition(".")[2].upper(), found[2], found[3].strip()
        if name == "BEGIN":
            open_blocks.append(value.upper())
            if title := _BLOCKS.get(value.upper()):
                pieces.append(f"\n{title}")
        elif name == "END":
            open_blocks = open_blocks[:-1]
        elif name in _FIELDS and value and "VTIMEZONE" not in open_blocks:
            pieces.append(f"{_FIELDS[name]}: {_value(name, written, value)}")
    return "\n".join(pieces).strip()


def _unfolded(text: str) -> Iterator[str]:
    """The lines, those that go on in the next one put together (RFC 5545, 3.1)."""
    yield from re.sub(r"\r?\n[ \t]", "", text).splitlines()[:_MOST_LINES]


def _value(name: str, written: str, value: str) -> str:
    parameters = {key.upper(): said.strip('"') for key, said in _PARAMETER.findall(written)}
    if name in ("ORGANIZER", "ATTENDEE"):
        return _person(parameters, value)
    if name in ("DTSTART", "DTEND", "DUE", "RDATE", "EXDATE", "RECURRENCE-ID", "COMPLETED"):
        zone = parameters.get("TZID")
        return ", ".join(_moment(each, zone) for each in value.split(","))
    value = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return ", ".join(part for part in value.split(";") if part) if name in ("ADR", "ORG") else value


def _moment(value: str, zone: str | None) -> str:
    found = _MOMENT.fullmatch(value.strip())
    if found is None:
        return value
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if found[4] is None:
        return day
    return f"{day} {found[4]}:{found[5]}" + (" UTC" if found[7] else f" ({zone})" if zone else "")


def _person(parameters: dict[str, str], value: str) -> str:
    address = re.sub(r"(?i)^mailto:", "", value)
    name = parameters.get("CN")
    said = f"{name} <{address}>" if name and name != address else address
    told = [parameters[key].lower().replace("-", " ") for key in ("ROLE", "PARTSTAT") if key in parameters]
    return f"{said} ({', '.join(told)})" if told else said
