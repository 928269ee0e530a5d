"""Document types whose entities expand without end, or are read from elsewhere."""


def laughs(levels: int = 9) -> str:
    """A document type whose entity `&l9;` expands to a billion words."""
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels + 1)
    )
    return f"<!DOCTYPE x [{entities}]>"


def outside(target: str) -> str:
    """A document type that reads another file, or calls another server, as `&out;`."""
    entities = f'<!ENTITY % p SYSTEM "{target}"> %p; <!ENTITY out SYSTEM "{target}">'
    return f'<!DOCTYPE x SYSTEM "{target}" [{entities}]>'
