"""Anonymous keys: what a browser shows to find again what it has kept here, without saying who it is.

A key is random, stands in a cookie of our own and in private links, and is known to the database by its hash only.
"""

import hmac
import re
import secrets
from hashlib import sha256

from flask import Response, current_app, request

BYTES = 16  # 128 bits
A_YEAR_DAYS = 365
A_DAY_S = 24 * 3600
# Every cookie that is kept so, by what a module calls `named` with: what "start again" takes away.
NAMES: set[str] = set()
_KEY = re.compile(r"[0-9a-f]{32}")


def named(name: str) -> str:
    """The name of a cookie for keys, which is known from then on as one of ours. For a module to call once."""
    NAMES.add(name)
    return name


def new_key() -> str:
    """A random key. In hexadecimal, for a link that ends in `-` or `_` loses that in many a message."""
    return secrets.token_hex(BYTES)


def is_key(text: str) -> bool:
    """Whether a text could be a key: what cannot is not worth asking the database about."""
    return _KEY.fullmatch(text) is not None


def hash_of(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal: what the database knows. A key is too random to be guessed from it."""
    return sha256(key.encode()).hexdigest()


def is_of(key: str, kept_hash: str) -> bool:
    """Whether a key is the one of which only the hash is kept, in a time that tells nothing of either.

    A database finds a row by the hash, and takes as long as it takes: that tells at most of a hash, which nobody can
    steer by choosing a key.
    """
    return hmac.compare_digest(hash_of(key), kept_hash)


def read(name: str) -> str | None:
    """The key in this request's cookie of that name; None if there is none, or what is there cannot be one."""
    text = request.cookies.get(name, "")
    return text if is_key(text) else None


def keep(response: Response, name: str, key: str, days: int = A_YEAR_DAYS) -> None:
    """Set the cookie, for another year or so many days. It is sent to this site only, and scripts cannot read it."""
    response.set_cookie(name, key, max_age=days * A_DAY_S, path="/", secure=_is_https(), httponly=True, samesite="Lax")


def drop(response: Response, name: str) -> None:
    """Take the cookie away."""
    response.delete_cookie(name, path="/", secure=_is_https(), httponly=True, samesite="Lax")


def _is_https() -> bool:
    public_url: str = current_app.extensions["public_url"]
    return request.is_secure or public_url.startswith("https://")
