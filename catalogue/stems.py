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
    plain = _APOSTROPHES.sub("", text).lower() if text.isascii() else _plain(text)
    return [word for word in _WORD.findall(plain) if len(word) <= LONGEST_WORD]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    return "".join(character for character in folded if not unicodedata.combining(character))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a word as `words_of` gives it."""
    found: str = _english.stemWord(word)
    return found
