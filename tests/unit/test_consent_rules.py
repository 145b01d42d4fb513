"""Who may change an email status to what: the table of spec/flows.md section 9, row by row."""

from __future__ import annotations

import pytest

from relance.audience.contacts.rules import next_out_by, next_status
from relance.kernel.errors import Conflict, Invalid

NONE = None
SUB, NON, OUT, PEND, CLEAN = "subscribed", "non_subscribed", "unsubscribed", "pending", "cleaned"
REFUSED = "refused"


def become(status, wanted, by, out_by=None, *, double=False, confirmed=False, proof=False):
    try:
        return next_status(status, out_by, wanted, by, double_opt_in=double, confirmed=confirmed, proof=proof)
    except Conflict as error:
        return REFUSED if error.code == "compliance_state" else error.code


@pytest.mark.parametrize("by", ["api", "app", "import", "store"])
@pytest.mark.parametrize("wanted", [SUB, PEND, NON, OUT])
def test_anybody_adds_a_new_contact_in_any_status(by, wanted):
    assert become(NONE, wanted, by) == wanted


def test_a_form_asks_for_confirmation_where_the_audience_does():
    assert become(NONE, SUB, "self") == SUB
    assert become(NONE, SUB, "self", double=True) == PEND
    assert become(NON, SUB, "self", double=True) == PEND
    assert become(NONE, SUB, "store", double=True) == PEND


@pytest.mark.parametrize("by", ["api", "app", "import", "flow"])
def test_only_the_contact_confirms(by):
    assert become(PEND, SUB, by, proof=True) == REFUSED
    assert become(PEND, NON, by) == REFUSED
    assert become(PEND, SUB, "self") == PEND
    assert become(PEND, SUB, "self", confirmed=True) == SUB


@pytest.mark.parametrize(
    ("by", "proof", "new"),
    [("api", False, SUB), ("import", False, SUB), ("store", False, SUB), ("self", False, SUB),
     ("app", False, REFUSED), ("app", True, SUB)],
)  # fmt: skip
def test_non_subscribed_is_raised(by, proof, new):
    assert become(NON, SUB, by, proof=proof) == new


@pytest.mark.parametrize("by", ["self", "complaint", "app", "api", "import", "flow"])
@pytest.mark.parametrize("status", [SUB, NON, PEND, CLEAN])
def test_opting_out_always_works(status, by):
    assert become(status, OUT, by) == OUT


@pytest.mark.parametrize("out_by", ["self", "complaint"])
@pytest.mark.parametrize("by", ["api", "app", "import", "flow"])
def test_who_left_by_their_own_wish_is_brought_back_by_nobody(out_by, by):
    assert become(OUT, SUB, by, out_by, proof=True) == REFUSED


@pytest.mark.parametrize("out_by", ["self", "complaint", "app", "api", "import"])
def test_the_contact_comes_back_with_a_confirmation(out_by):
    assert become(OUT, SUB, "self", out_by) == PEND
    assert become(OUT, SUB, "self", out_by, confirmed=True) == SUB


@pytest.mark.parametrize(
    ("by", "proof", "new"),
    [("api", False, SUB), ("app", False, REFUSED), ("app", True, SUB), ("flow", True, SUB), ("import", True, REFUSED)],
)
@pytest.mark.parametrize("out_by", ["app", "api", "flow", "import"])
def test_who_was_taken_out_by_others_is_brought_back_with_proof(by, proof, new, out_by):
    assert become(OUT, SUB, by, out_by, proof=proof) == new


@pytest.mark.parametrize(("by", "new"), [("api", PEND), ("app", PEND), ("self", PEND), ("import", REFUSED)])
def test_the_accepted_path_back_is_pending(by, new):
    assert become(OUT, PEND, by, "self") == new
    assert become(CLEAN, PEND, by) == new


@pytest.mark.parametrize("by", ["api", "app", "import", "flow"])
@pytest.mark.parametrize("status", [SUB, OUT, CLEAN])
def test_nobody_becomes_non_subscribed(status, by):
    assert become(status, NON, by) == REFUSED


@pytest.mark.parametrize("status", [SUB, NON, OUT, PEND, CLEAN])
def test_a_shop_never_lowers_and_never_overrides(status):
    assert become(status, NON, "store", "api") == status
    assert become(status, OUT, "store", "api") == status
    assert become(status, SUB, "store", "api") == (SUB if status == NON else status)


@pytest.mark.parametrize("status", [NONE, SUB, NON, OUT, PEND])
def test_only_bounces_clean(status):
    assert become(status, CLEAN, "bounce") == CLEAN
    with pytest.raises(Invalid):
        become(status, CLEAN, "api")


def test_a_cleaned_address_is_the_contact_s_to_bring_back():
    assert become(CLEAN, SUB, "api") == REFUSED
    assert become(CLEAN, SUB, "self") == PEND
    assert become(CLEAN, SUB, "self", confirmed=True) == SUB


@pytest.mark.parametrize("by", ["api", "app", "self"])
def test_a_subscribed_contact_has_nothing_to_confirm(by):
    assert become(SUB, PEND, by) == SUB


def test_the_contact_s_own_wish_outlives_what_others_do():
    assert next_out_by(SUB, None, OUT, "api") == "api"
    assert next_out_by(OUT, "api", OUT, "self") == "self"
    assert next_out_by(OUT, "self", OUT, "api") == "self"
    assert next_out_by(OUT, "self", PEND, "api") == "self"
    assert next_out_by(PEND, "self", OUT, "api") == "self"
    assert next_out_by(PEND, "self", SUB, "self") is None
