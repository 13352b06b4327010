"""Names, e-mail addresses and phone numbers in the form that constituents keep them in."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email


def person_name(given: str, middle: str, family: str, suffix: str) -> str:
    return " ".join(filter(None, (given, middle, family, suffix)))


def sort_key(kind: str, name: str = "", given: str = "", family: str = "") -> str:
    words = f"{family} {given}" if kind == "person" else name
    bare = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", bare.casefold()).split()) or words.casefold()


def email_normal(address: str) -> str | None:
    try:
        return validate_email(address, check_deliverability=False).normalized.casefold()
    except EmailNotValidError:
        return None


def phone(said: str, region: str) -> tuple[str, str, bool]:
    try:
        number = phonenumbers.parse(said, region)
    except phonenumbers.NumberParseException:
        return said, "", False
    if not phonenumbers.is_valid_number(number):
        return said, "", False
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        number.extension or "",
        True,
    )
