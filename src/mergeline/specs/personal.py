"""Which columns look personal, by their names; a person has the last word."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(
    r"e?mail|(tele)?phone|mobile|fax|(sur|fore|(first|last|full|user)_?)name|ssn|passport|iban|bic"
    r"|birth(day|date|place)|dob|address(es)?|street|(post|postal_|zip_?)code|zip|ip|login|nationality"
    r"|(middle|maiden|customer|patient)_name|date_of_birth|birth_date|social_security"
    r"|(account|card|tax)_number|credit_card|driver_license"
)


@lru_cache(maxsize=4096)
def looks_personal(name: str) -> bool:
    """Tell whether a column's name speaks of a person: `email`, `Date of birth`, `userName`."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    words = "_".join(word for word in re.split(r"[^a-z0-9]+", apart.lower()) if word)
    return words == "name" or re.search(rf"(^|_)({_WORDS.pattern})s?(_|$)", words) is not None
