"""``email``: the contact's address, as text. A contact without one (SMS only) is blank."""

from relance.audience.conditions.subjects.shape import Attribute
from relance.audience.conditions.values.text import TEXT
from relance.audience.events import ADDRESS_CHANGED


class Email(Attribute):
    def __init__(self) -> None:
        listens = frozenset({(ADDRESS_CHANGED.key, "email")})
        super().__init__("email", TEXT.without("blank", "not_blank"), "c.email", listens)
