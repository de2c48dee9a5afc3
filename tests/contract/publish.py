"""``python -m tests.contract.publish`` (``make schemas``): write ``schemas/published`` anew.

It stands here because ``schemas`` writes no files, and the language's schema is made in
``streams``, which ``schemas`` does not know.
"""

from pathlib import Path

import orjson

from schemas.publishing import published
from streams.definitions import json_schema, model_schema

FOLDER = Path(__file__).parents[2] / "schemas" / "published"


def documents() -> dict[str, bytes]:
    """Name and content of every file that belongs into the folder."""
    layout = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {
        **published(),
        "definitions.v1.schema.json": orjson.dumps(json_schema(), option=layout),
        "model.v1.schema.json": orjson.dumps(model_schema(), option=layout),
    }


def main() -> None:
    wanted = documents()
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
