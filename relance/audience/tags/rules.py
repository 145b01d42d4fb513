"""What a tag may be called. Pure."""

from __future__ import annotations

from relance.kernel.errors import Invalid

LONGEST = 100
"""Characters (spec/flows.md section 12)."""


def check_name(name: str) -> str:
    """The name with its spaces tidied. Raises Invalid when it is blank or longer than LONGEST."""
    tidy = " ".join(name.replace("\x00", "").split())
    if not tidy:
        raise Invalid("a tag needs a name.", where="name", mend="Give one.")
    if len(tidy) > LONGEST:
        raise Invalid(f"a tag's name has at most {LONGEST} characters.", where="name", mend="Shorten it.")
    return tidy
