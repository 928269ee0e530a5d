"""The rules of the pages' sources: they hold, and what breaks one is found."""

from pathlib import Path

import pytest
from tools.page_rules import MOST_FILES, MOST_LINES, SOURCES, faults, main


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Sources that break no rule, with imports of every kind that there is."""
    _write(
        tmp_path,
        {
            "main.tsx": 'import "./base.css";\nimport { App } from "./shell/app";\n',
            "base.css": "body {\n}\n",
            "shell/app.tsx": 'import { load } from "../features/costs/page";\nimport "preact";\n',
            "features/costs/page.tsx": (
                'import type { A } from "../../shared/money";\nconst later = () => import("./chart");\n'
                'new Worker(new URL("./worker.ts", import.meta.url));\n'
            ),
            "features/costs/chart.tsx": 'import { a } from "../../shared/money";\n',
            "features/costs/worker.ts": "export {};\n",
            "shared/money.ts": "export const a = 1;\n" * MOST_LINES,
            "shared/schema.d.ts": "type A = 1;\n" * (MOST_LINES + 1),
        },
    )
    return tmp_path


def test_the_pages_keep_their_rules() -> None:
    """The sources have no circle of imports, no import outward, no file and no folder that is too large."""
    assert list(SOURCES.rglob("page.tsx")), "there is something to look at"
    assert list(faults(SOURCES)) == []


def test_sound_sources_are_let_through(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is just small enough, and what a program wrote, is no fault."""
    assert (main([str(sound)]), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    ("name", "text", "circle"),
    [
        (
            "shared/money.ts",
            'import { b } from "./rates";\n',
            "shared/money.ts -> shared/rates.ts -> shared/money.ts",
        ),
        (
            "features/costs/chart.tsx",
            'import("./page");\n',
            "features/costs/chart.tsx -> features/costs/page.tsx",
        ),
        ("features/costs/chart.tsx", 'import type { P } from "./page";\n', "features/costs/page.tsx"),
        ("features/costs/worker.ts", 'import {\n  a,\n  b,\n} from "./page";\n', "features/costs/worker.ts"),
        (
            "shared/index.ts",
            'export { a } from "./rates";\nexport * from "../shared";\n',
            "shared/index.ts -> shared/index",
        ),
        ("base.css", '@import "./base.css";\n', "base.css -> base.css"),
    ],
)
def test_a_circle_of_imports_is_found(sound: Path, name: str, text: str, circle: str) -> None:
    """However a file is imported: at once, later, for its types alone, over several lines, as a style."""
    _write(sound, {"shared/rates.ts": 'export { a } from "./money";\n', name: text})
    (found,) = faults(sound)
    assert found.startswith("a circle of imports: ")
    assert circle in found


def test_a_file_that_is_too_long_is_found(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts and styles alike; the check says which, and fails."""
    _write(sound, {"base.css": "\n" * (MOST_LINES + 1), "main.tsx": ";\n" * 400})
    assert main([str(sound)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "base.css: 301 lines, of 300 at most",
        "main.tsx: 400 lines, of 300 at most",
    ]


def test_a_folder_with_too_many_files_is_found(sound: Path) -> None:
    """Folders below it count for themselves."""
    _write(sound, {f"features/costs/more/{number}.ts": "" for number in range(MOST_FILES + 1)})
    assert list(faults(sound)) == ["features/costs/more: 16 files, of 15 at most"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("shared/a.ts", 'import "../features/costs/chart";', "shared/a.ts: imports features/costs/chart.tsx"),
        ("shared/b/c.tsx", 'import "../../shell/app";', "shared/b/c.tsx: imports shell/app.tsx"),
        ("features/d.ts", 'import type { A } from "../shell/app";', "features/d.ts: imports shell/app.tsx"),
    ],
)
def test_an_import_outward_is_found(sound: Path, name: str, text: str, fault: str) -> None:
    """What is shared knows no noun, and no noun knows what surrounds it."""
    _write(sound, {name: text})
    assert list(faults(sound)) == [fault]
