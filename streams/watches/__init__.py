"""What is asked of ClickHouse on a schedule, and what is done about the answers.

A watch is one SQL file with a header: it becomes a metric, and a row of ``watch_rows`` for each of
its answers. Adding one takes the file, a test case and a line of documentation.
"""

from streams.watches.files import Watch, read_watches

__all__ = ["Watch", "read_watches"]
