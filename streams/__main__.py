"""``python -m streams`` is the ``milepost`` command."""

from streams.cli.main import main

main()
