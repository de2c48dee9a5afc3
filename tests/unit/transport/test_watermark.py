"""Which of two watermarks is the newer one, and whose a record is."""

from streams.transport.watermark import (
    Watermark,
    decode_watermark,
    encode_watermark,
    epoch_headers,
    epoch_of,
)


def test_a_watermark_comes_back_as_it_was() -> None:
    mark = Watermark(3, {"events": 7, "accounts": 12})
    assert decode_watermark(encode_watermark(mark)) == mark


def test_without_a_watermark_nothing_is_reached_and_nobody_was_the_owner() -> None:
    assert decode_watermark(None) == Watermark(0, {})


def test_a_watermark_that_names_no_epoch_is_older_than_every_owner() -> None:
    old = decode_watermark(b'{"events":900}')
    assert old == Watermark(0, {"events": 900})
    assert old.is_behind(Watermark(1, {}))


def test_the_watermark_of_an_earlier_owner_is_behind_however_far_it_reaches() -> None:
    zombie, owner = Watermark(1, {"events": 900}), Watermark(2, {"events": 5})
    assert zombie.is_behind(owner)
    assert not owner.is_behind(zombie)


def test_of_one_owner_the_watermark_that_reaches_less_far_is_behind() -> None:
    less, more = Watermark(2, {"a": 5, "b": 5}), Watermark(2, {"a": 5, "b": 6})
    assert less.is_behind(more)
    assert not more.is_behind(less)
    assert not more.is_behind(more)


def test_the_epoch_of_a_record_stands_in_its_headers() -> None:
    assert epoch_of(epoch_headers(17)) == 17
    assert epoch_of([]) == 0
