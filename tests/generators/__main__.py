"""Write every generated file again."""

import sys

from tests.generators import GENERATED, ROOT


def main() -> None:
    for name, generate in GENERATED.items():
        path = ROOT / name
        path.write_text(generate(path), encoding="utf-8")
        print(name, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
