"""Placeholders by number: each name once, in order; a per cent sign stays one."""

from tiles.statement import numbered


def test_names_become_numbers_and_a_doubled_per_cent_sign_one() -> None:
    assert numbered(b"SELECT %(b)s, %(a)s::text LIKE '5%%' || %(b)s") == (
        b"SELECT $1, $2::text LIKE '5%' || $1",
        ("b", "a"),
    )
