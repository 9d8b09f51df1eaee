"""Texts fall into the same words whichever way they are taken apart."""

import pytest

from catalogue.stems import LONGEST_WORD, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Level 2 Welding (MIG/TIG) at St John's", ["level", "2", "welding", "mig", "tig", "at", "st", "johns"]),
        ("snake_case, tab\there\nand\x00there", ["snake", "case", "tab", "here", "and", "there"]),
        ("", []),
        ("--- ' ---", []),
        ("a" * LONGEST_WORD + " " + "b" * (LONGEST_WORD + 1), ["a" * LONGEST_WORD]),
    ],
)
def test_plain_texts_and_others_have_the_same_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert words_of(f"{text} é") == [*words, "e"]
