"""Event files as records."""

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from streams import files
from streams.errors import UsageError
from streams.files import EventFiles, Line

NOW = 1_767_225_600_000


def lines(*paths: Path) -> list[Line]:
    return [line for piece in EventFiles([str(path) for path in paths], NOW) for line in piece]


def values(*paths: Path) -> list[bytes]:
    return [line.value for line in lines(*paths)]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":2}\n')
    return path


def test_each_line_is_a_record_with_the_given_time(plain: Path) -> None:
    assert lines(plain) == [Line(b'{"a":1}', 0, NOW), Line(b'{"a":2}', 1, NOW)]


def test_gzip_is_known_by_its_content_whatever_the_name(tmp_path: Path, plain: Path) -> None:
    path = tmp_path / "events.log"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    assert values(path) == values(plain)


def test_files_are_read_in_the_order_given(tmp_path: Path, plain: Path) -> None:
    later = tmp_path / "a.jsonl"
    later.write_bytes(b'{"a":3}\n')
    assert values(plain, later) == [b'{"a":1}', b'{"a":2}', b'{"a":3}']
    assert values(later, plain) == [b'{"a":3}', b'{"a":1}', b'{"a":2}']


def test_blank_lines_are_no_records_but_are_counted_in_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'\n{"a":1}\r\n  \n{"a":2}')
    source = EventFiles([str(path)], NOW)
    records = [line for piece in source for line in piece]
    assert [line.value for line in records] == [b'{"a":1}\r', b'{"a":2}']
    assert [source.place(line.offset) for line in records] == [(str(path), 2), (str(path), 4)]


def test_a_place_names_the_right_file_of_several(tmp_path: Path, plain: Path) -> None:
    empty, second = tmp_path / "empty", tmp_path / "second"
    empty.write_bytes(b"")
    second.write_bytes(b"x\ny\n")
    source = EventFiles([str(plain), str(empty), str(second)], NOW)
    offsets = [line.offset for piece in source for line in piece]
    assert [source.place(offset)[1] for offset in offsets] == [1, 2, 1, 2]
    assert source.place(offsets[2]) == (str(second), 1)


def test_a_byte_order_mark_is_no_part_of_the_first_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a":1}\n')
    assert values(path) == [b'{"a":1}']


def test_a_file_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SLICE_BYTES", 64)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"0123456789\n" * 100)
    pieces = list(EventFiles([str(path)], NOW))
    assert len(pieces) > 10
    assert [line.offset for piece in pieces for line in piece] == list(range(100))


def test_progress_ends_at_the_size_on_disk(tmp_path: Path, plain: Path) -> None:
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes() * 1000))
    source = EventFiles([str(plain), str(packed)], NOW)
    for _ in source:
        pass
    assert source.bytes_read == source.size == plain.stat().st_size + packed.stat().st_size


def test_a_missing_file_is_told_before_any_is_read(tmp_path: Path, plain: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.jsonl: cannot be read: no such file"):
        EventFiles([str(plain), str(tmp_path / "nowhere.jsonl")], NOW)


def test_a_folder_is_no_file_of_events(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        EventFiles([str(tmp_path)], NOW)


@pytest.mark.parametrize("cut", [12, -12], ids=["in the header", "at the end"])
def test_a_cut_gzip_file_is_told_with_its_place(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(os.urandom(5000))[:cut])
    with pytest.raises(UsageError, match=r"cut\.gz:\d+: cannot be read on: "):
        values(path)


def test_a_damaged_gzip_file_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(os.urandom(5000)))
    packed[2000:2100] = bytes(100)
    path = tmp_path / "damaged.gz"
    path.write_bytes(packed)
    with pytest.raises(UsageError, match="cannot be read on"):
        values(path)


def test_a_pipe_is_opened_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b'{"a":1}\n'))
    writer.start()
    source = EventFiles([str(pipe)], NOW)
    assert [line.value for piece in source for line in piece] == [b'{"a":1}']
    assert source.size is None
    writer.join()


def test_lines_that_came_through_a_pipe_do_not_wait_for_more(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    seen = threading.Event()

    def write() -> None:
        with pipe.open("wb") as stream:
            stream.write(b'{"a":1}\n{"a"')
            stream.flush()
            assert seen.wait(30)
            stream.write(b":2}")

    writer = threading.Thread(target=write)
    writer.start()
    pieces = iter(EventFiles([str(pipe)], NOW))
    assert [line.value for line in next(pieces)] == [b'{"a":1}']
    seen.set()
    assert [line.value for line in next(pieces)] == [b'{"a":2}']
    writer.join()


def test_a_dash_is_standard_input() -> None:
    program = "from streams.files import EventFiles; print(list(EventFiles(['-'], 0)))"
    ran = subprocess.run(
        [sys.executable, "-c", program], input=b'{"a":1}\n', capture_output=True, check=True
    )
    assert b'{"a":1}' in ran.stdout
