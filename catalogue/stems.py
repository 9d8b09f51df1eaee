"""Text to words, and words to stems, alike for what is indexed and for what is asked.

The stems are Snowball's for English (https://snowballstem.org/algorithms/english/stemmer.html).
They are made here and not by the databases, whose stemmers differ.
"""

import re
import unicodedata
from functools import lru_cache

import Stemmer

LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’‘ʼ]")
# Each byte of ASCII as it stands in a word, or a space.
_LETTERS = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256))
_english = Stemmer.Stemmer("english")
# Words that say how a thing is asked for, not which.
STOP_WORDS = frozenset(
    _WORD.findall(
        "a an and any are around as at be by can do for from how i in is it me my near of on or some that the to "
        "what where which with you your"
    )
)


def words_of(text: str) -> list[str]:
    """The words of a text in order: lower case, without accents or apostrophes."""
    return [word for word in _split(text) if len(word) <= LONGEST_WORD]


def _split(text: str) -> list[str]:
    if text.isascii():  # a fifth of the time that the expression takes, and nearly all there is
        return text.encode().translate(_LETTERS, b"'").decode().split()
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    return "".join(character for character in folded if not unicodedata.combining(character))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a word as `words_of` gives it."""
    found: str = _english.stemWord(word)
    return found
