"""How the code is built is measured, and stays within its bounds."""

from pathlib import Path

from tools.house import figures, main


def _measured(root: Path, **modules: str) -> dict[str, float]:
    package = root / "src" / "docstage"
    package.mkdir(parents=True)
    for name, text in {"__init__": "", **modules}.items():
        (package / f"{name}.py").write_text(text)
    return {figure.name: figure.value for figure in figures(root)}


def test_a_circle_of_imports_is_found(tmp_path: Path) -> None:
    """Also one over three modules; what only types need, or functions import, makes none."""
    found = _measured(
        tmp_path,
        a="from docstage import b\n",
        b="from docstage.c import x\n",
        c="import docstage.a\nx = 1\n",
        d="if TYPE_CHECKING:\n    from docstage import e\n",
        e="from docstage import d\n\ndef f():\n    from docstage import e\n",
    )
    assert found["modules in circles of imports"] == 3


def test_long_modules_and_functions_are_found(tmp_path: Path) -> None:
    """Docstrings do not count as lines of a function."""
    long = "def f():\n" + "    x = 1\n" * 30
    told = "def g():\n" + '    """Words.\n' + "    more\n" * 30 + '    """\n    return 1\n'
    found = _measured(tmp_path, long=long * 20, told=told)
    assert found["lines of the longest module"] == 620
    assert round(found["functions of more than 20 lines, %"]) == round(100 * 20 / 21)
    assert main([str(tmp_path), "--check"]) == 1
