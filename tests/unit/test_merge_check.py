"""What the editor hears about a text: V10, V11, V12 and warnings (spec/flows.md 3, 8.3)."""

import pytest

from relance.messages.merge import Known, KnownField, Place, known_tags, missing_footer, parse, review

FERN_AND_MOSS = Known(
    fields={
        "FNAME": KnownField("text", has_default=True),
        "LNAME": KnownField("text"),
        "ADDRESS": KnownField("address"),
        "AGE": KnownField("number"),
        "SINCE": KnownField("date"),
        "BIRTHDAY": KnownField("birthday"),
        "VIP": KnownField("yes_no"),
        "MMERGE9": KnownField("choice"),
    },
    groups={"Plants": ["Ferns", "Mosses", "Élan vert"]},
    objects=frozenset({"CART", "PRODUCT"}),
    event=True,
    webhook_keys=frozenset({"score"}),
    coupon_pools=frozenset({"spring"}),
)
NOTHING = Known(fields=FERN_AND_MOSS.fields)


def found(text: str, known: Known = FERN_AND_MOSS, place: Place = Place.TEXT) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in review(text, place=place, known=known)]


def codes(text: str, known: Known = FERN_AND_MOSS, place: Place = Place.TEXT) -> list[str]:
    return [code for code, _ in found(text, known, place)]


def test_an_unknown_field_is_v10_with_the_nearest_name():
    assert found("Hi *|FNAM|*") == [("V10", "*|FNAM|* is not a known tag. Did you mean FNAME?")]


def test_the_place_of_a_problem():
    (problem,) = review("Hi\n  *|SHOESIZE|*", place=Place.TEXT, known=FERN_AND_MOSS)
    assert (problem.code, problem.line, problem.column, problem.tag) == ("V10", 2, 3, "*|SHOESIZE|*")


def test_a_text_that_cannot_be_read_is_one_problem():
    assert codes("*|IF:FNAME|*Hi") == ["V10"]


def test_every_problem_is_told_not_only_the_first():
    assert codes("*|FNAM|* *|CITTY|* *|IF:NOPE|**|END:IF|*") == ["V10", "V10", "V10"]


def test_email_is_always_known_and_any_own_tag_is():
    assert codes("*|EMAIL|* *|MMERGE9:none|* *|FNAME|*") == []


class TestDefaults:
    def test_a_field_without_any_default_is_a_warning(self):
        assert codes("*|LNAME|*") == ["warning"]

    @pytest.mark.parametrize("text", ["*|LNAME:friend|*", "*|LNAME:|*", "*|FNAME|*"])
    def test_a_default_of_its_own_or_of_the_field_is_enough(self, text):
        assert codes(text) == []

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("*|IF:LNAME|**|LNAME|**|END:IF|*", []),
            ("*|IF:LNAME=Moss|**|LNAME|**|END:IF|*", []),
            ("*|IFNOT:LNAME|*you*|ELSE:|**|LNAME|**|END:IF|*", []),
            ("*|IF:LNAME!=Moss|**|LNAME|**|END:IF|*", ["warning"]),
            ("*|IFNOT:LNAME=Moss|**|LNAME|**|END:IF|*", ["warning"]),
            ("*|IF:LNAME|*you*|ELSE:|**|LNAME|**|END:IF|*", ["warning"]),
        ],
    )
    def test_a_test_that_asked_for_the_value_is_enough_too(self, text, expected):
        assert codes(text) == expected


class TestTests:
    def test_order_needs_a_number_or_a_date(self):
        assert codes("*|IF:LNAME>18|*x*|END:IF|*") == ["V10"]
        assert codes("*|IF:BIRTHDAY<05/12|*x*|END:IF|*") == ["V10"]
        assert codes("*|IF:ADDRESS:zip>75000|*x*|END:IF|*") == ["V10"]
        assert codes("*|IF:LIST:NAME>a|*x*|END:IF|*") == ["V10"]

    @pytest.mark.parametrize(
        "test", ["AGE>=18", "AGE<2.5", "SINCE>2026-01-31", "EVENT:total>100", "CART:TOTAL>50", "CURRENT_YEAR>2025"]
    )
    def test_numbers_dates_and_event_properties_have_an_order(self, test):
        assert codes(f"*|IF:{test}|*x*|END:IF|*") == []

    def test_the_literal_must_fit(self):
        assert codes("*|IF:AGE>old|*x*|END:IF|*") == ["V10"]
        assert codes("*|IF:SINCE<31/01/2026|*x*|END:IF|*") == ["V10"]
        assert codes("*|IF:AGE=old|*x*|END:IF|*") == ["warning"]
        assert codes("*|IF:SINCE=soon|*x*|END:IF|*") == ["warning"]
        assert codes("*|IF:BIRTHDAY=12 May|*x*|END:IF|*") == ["warning"]
        assert codes("*|IF:BIRTHDAY=02/29|*x*|END:IF|*") == []

    def test_equal_to_nothing_is_never_true(self):
        assert found("*|IF:LNAME=|*x*|END:IF|*")[0][0] == "warning"
        assert "IFNOT:LNAME" in found("*|IF:LNAME=|*x*|END:IF|*")[0][1]

    def test_asking_whether_a_yes_no_is_filled_is_probably_a_slip(self):
        assert codes("*|IF:VIP|*x*|END:IF|*") == ["warning"]
        assert codes("*|IF:VIP=yes|*x*|END:IF|*") == []

    def test_fields_in_tests_must_exist(self):
        assert codes("*|IF:FNAM=Ana|*x*|END:IF|*") == ["V10"]


class TestGroups:
    def test_names_are_compared_folded(self):
        assert codes("*|INTERESTED:plants:ELAN VERT,ferns|*x*|END:INTERESTED|*") == []

    def test_unknown_category_and_group(self):
        assert found("*|INTERESTED:Plant:Ferns|*x*|END:INTERESTED|*") == [
            ("V10", "*|INTERESTED:Plant:Ferns|*: the audience has no group category Plant. Did you mean Plants?")
        ]
        assert "Did you mean Ferns?" in found("*|INTERESTED:Plants:Fern|*x*|END:INTERESTED|*")[0][1]


class TestSources:
    """V11: every trigger of the flow must bring what the tag prints."""

    @pytest.mark.parametrize(
        "text",
        [
            "*|CART:URL|*",
            "*|CART:URL:https://fern.example|*",
            "*|ABANDONED_CART:|**|PRODUCT:TITLE|**|END:ABANDONED_CART|*",
            "*|ORDER_TOTAL:0|*",
            "*|ORDER_LINES:|*x*|END:ORDER_LINES|*",
            "*|EVENT:plan|*",
            "*|EVENT:NAME|*",
            "*|TRIGGER:PRODUCT:TITLE|*",
            "*|WEBHOOK:score|*",
            "*|SURVEY:URL|*",
            "*|COUPON:spring|*",
            "*|IF:CART:TOTAL>5|*x*|END:IF|*",
        ],
    )
    def test_without_a_source(self, text):
        assert codes(text, NOTHING) == ["V11"]

    @pytest.mark.parametrize(
        "text",
        [
            "*|EVENT:plan:free|*",
            "*|TRIGGER:PRODUCT:TITLE:|*",
            "*|WEBHOOK:score:0|*",
            "*|IF:EVENT:plan=pro|*x*|END:IF|*",
            "*|IF:TRIGGER:PRODUCT:TITLE|*x*|END:IF|*",
            "*|FLOW:NAME|* *|AUTOMATION:CURRENT_EMAIL|* *|DATE:d/m|* *|CONTACT_ID|*",
        ],
    )
    def test_a_default_or_a_test_does_without(self, text):
        assert codes(text, NOTHING) == []

    def test_with_a_source(self):
        text = "*|CART:URL|* *|EVENT:plan|* *|TRIGGER:PRODUCT:TITLE|* *|WEBHOOK:score|* *|COUPON:spring|*"
        assert codes(text) == []
        assert codes("*|TRIGGER:ORDER:TITLE|* *|WEBHOOK:rank|* *|COUPON:autumn|*") == ["V11"] * 3


def test_rewards_warns():
    assert codes("*|REWARDS|*") == ["warning"]


class TestHtml:
    def test_a_tag_in_a_script_prints_nothing_and_says_so(self):
        assert codes("<script>a='*|FNAME|*'</script><a onclick='x(*|FNAME|*)'>", place=Place.HTML) == ["warning"] * 2

    def test_a_block_torn_across_the_html_is_v10(self):
        assert codes('<a href="*|IF:FNAME|*a"*|ELSE:|*b*|END:IF|*>', place=Place.HTML) == ["V10"]

    def test_entities_of_the_editor_are_read(self):
        assert codes("*|IF:AGE &gt; 18|*x*|END:IF|*", place=Place.HTML) == []


class TestFooter:
    def test_a_marketing_email_needs_its_way_out_and_an_address(self):
        assert [problem.code for problem in missing_footer(parse("Hello"))] == ["V12", "V12"]
        assert missing_footer(parse("*|LIST:ADDRESS|* *|UNSUB|*")) == []
        assert missing_footer(parse("*|HTML:LIST:ADDRESS|* *|LIST:UNSUB|*")) == []

    def test_a_link_that_only_some_people_see_is_not_enough(self):
        assert len(missing_footer(parse("*|LIST:ADDRESS|**|IF:FNAME|**|UNSUB|**|END:IF|*"))) == 1
        assert len(missing_footer(parse("*|LIST:ADDRESS|**|IFNOT:FNAME|*a*|ELSE:|**|UNSUB|**|END:IF|*"))) == 1
        assert missing_footer(parse("*|LIST:ADDRESS|**|IF:FNAME|**|UNSUB|**|ELSE:|**|UNSUB|**|END:IF|*")) == []


class TestKnownTags:
    def test_the_editor_offers_what_this_flow_has(self):
        tags = known_tags(FERN_AND_MOSS)
        assert {"EMAIL", "MMERGE9", "ADDRESS:city", "CART:URL", "PRODUCT:TITLE", "COUPON:spring"} <= set(tags)
        assert not {"ORDER_TOTAL", "TRIGGER:ORDER:TITLE", "SURVEY:URL", "REWARDS"} & set(tags)

    def test_every_offered_value_is_accepted(self):
        blocks = ("END:", "ABANDONED_CART", "ORDER_LINES", "INTERESTED", "PRODUCT:")
        values = [tag for tag in known_tags(FERN_AND_MOSS) if not tag.startswith(blocks)]
        assert not {"V10", "V11"} & set(codes(" ".join(f"*|{tag}|*" for tag in values)))
