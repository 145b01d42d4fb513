"""Reading merge tags: what is a tag, what is text, and what V10 says about the rest (spec/flows.md 8.2)."""

import pytest

from relance.messages.merge.grammar import (
    Document,
    If,
    Interested,
    Loop,
    MergeTagError,
    Ref,
    Test,
    Text,
    Value,
    parse,
    refs,
)

Test.__test__ = False  # a node of the tree, not a test


def only(text: str, **options: object) -> Value:
    (node,) = parse(text, **options).nodes
    assert isinstance(node, Value)
    return node


def test_text_without_tags_is_one_text():
    assert parse("Spring is here | 20 * 3") == Document((Text("Spring is here | 20 * 3"),))


@pytest.mark.parametrize("text", ["*|* { color: red }", "2 *| 3", "**", "*|", "|*", "*| then |"])
def test_an_opening_that_nothing_closes_and_no_letter_follows_is_text(text):
    assert parse(text).nodes == (Text(text),)


def test_a_tag_after_such_an_opening_is_still_a_tag():
    nodes = parse("*|* {} *|FNAME|*").nodes
    assert nodes[0] == Text("*|* {} ")
    assert nodes[1].ref == Ref("FIELD", "FNAME")


@pytest.mark.parametrize(
    ("written", "ref", "mode", "default"),
    [
        ("*|FNAME|*", Ref("FIELD", "FNAME"), "", None),
        ("*|FNAME:there|*", Ref("FIELD", "FNAME"), "", "there"),
        ("*|FNAME:|*", Ref("FIELD", "FNAME"), "", ""),
        ("*|MMERGE7:a:b|*", Ref("FIELD", "MMERGE7"), "", "a:b"),
        ("*|UPPER:FNAME:there|*", Ref("FIELD", "FNAME"), "UPPER", "there"),
        ("*|ADDRESS:city|*", Ref("FIELD", "ADDRESS", "city"), "", None),
        ("*|ADDRESS:City:Lyon|*", Ref("FIELD", "ADDRESS", "city"), "", "Lyon"),
        ("*|ADDRESS:no address|*", Ref("FIELD", "ADDRESS"), "", "no address"),
        ("*|FNAME:city|*", Ref("FIELD", "FNAME"), "", "city"),
        ("*|LIST:UNSUB|*", Ref("LIST", "UNSUB"), "", None),
        ("*|MC:SUBJECT|*", Ref("MC", "SUBJECT"), "", None),
        ("*|UNSUB|*", Ref("SYSTEM", "UNSUB"), "", None),
        ("*|DATE:H:i, l|*", Ref("DATE", "H:i, l"), "", None),
        ("*|EVENT:plan.name:free|*", Ref("EVENT", "plan.name"), "", "free"),
        ("*|URL:EVENT:page|*", Ref("EVENT", "page"), "URL", None),
        ("*|HTML:ORDER_SHIPPING_ADDRESS|*", Ref("SYSTEM", "ORDER_SHIPPING_ADDRESS"), "HTML", None),
        ("*|TRIGGER:PRODUCT:TITLE:a plant|*", Ref("TRIGGER", "PRODUCT", "TITLE"), "", "a plant"),
        ("*|COUPON:spring-26|*", Ref("COUPON", "spring-26"), "", None),
        ("*|WEBHOOK:score|*", Ref("WEBHOOK", "score"), "", None),
        ("*|AUTOMATION:TOTALEMAILS|*", Ref("AUTOMATION", "TOTALEMAILS"), "", None),
    ],
)
def test_values(written, ref, mode, default):
    value = only(written)
    assert (value.ref, value.mode, value.default) == (ref, mode, default)


def test_parts_belong_to_the_address_fields_that_the_audience_has():
    assert only("*|HOME:city|*").default == "city"
    assert only("*|HOME:city|*", address_fields={"HOME"}).ref == Ref("FIELD", "HOME", "city")


def test_a_ref_is_written_back_as_it_was_read():
    tags = ["FNAME", "ADDRESS:city", "LIST:NAME", "EVENT:a.b", "TRIGGER:CART:URL", "UNSUB", "DATE:d/m/Y"]
    assert {str(ref) for ref in refs(parse(" ".join(f"*|{tag}|*" for tag in tags)))} == set(tags)


def test_conditions_nest_and_keep_their_ways_in_order():
    (node,) = parse('*|IF:CITY="Paris"|*A*|ELSEIF:AGE >= 18|*B*|IFNOT:FNAME|*b*|END:IF|**|ELSE:|*C*|END:IF|*').nodes
    assert isinstance(node, If)
    assert [branch.test for branch in node.branches] == [
        Test(Ref("FIELD", "CITY"), "=", "Paris", negated=False),
        Test(Ref("FIELD", "AGE"), ">=", "18", negated=False),
    ]
    inner = node.branches[1].body[1]
    assert inner.branches[0].test == Test(Ref("FIELD", "FNAME"), "", "", negated=True)
    assert node.otherwise == (Text("C"),)


def test_tests_read_parts_events_and_curly_quotes():
    (node,) = parse("*|IF:ADDRESS:city=“Lyon”|*x*|ELSEIF:EVENT:plan != pro|*y*|END:IF|*").nodes
    assert node.branches[0].test == Test(Ref("FIELD", "ADDRESS", "city"), "=", "Lyon", negated=False)
    assert node.branches[1].test == Test(Ref("EVENT", "plan"), "!=", "pro", negated=False)


def test_html_editors_write_entities_inside_tags():
    (node,) = parse("*|IF:AGE &gt;= 18|*x*|END:IF|*", html=True).nodes
    assert node.branches[0].test.op == ">="
    assert only("*|FNAME:you &amp; yours|*", html=True).default == "you & yours"
    assert only("*|FNAME:you &amp; yours|*").default == "you &amp; yours"


def test_groups():
    (node,) = parse("*|INTERESTED:Plants:Ferns, Mosses|*yes*|ELSE:|*no*|END:INTERESTED|*").nodes
    assert isinstance(node, Interested)
    assert (node.category, node.groups) == ("Plants", ("Ferns", "Mosses"))
    assert (node.body, node.otherwise) == ((Text("yes"),), (Text("no"),))


def test_blocks_of_lines_have_a_most():
    nodes = parse(
        "*|ABANDONED_CART:|**|PRODUCT:TITLE|**|END:ABANDONED_CART|**|ORDER_LINES:3|*x*|END:ORDER_LINES|*"
    ).nodes
    assert [(node.kind, node.most) for node in nodes if isinstance(node, Loop)] == [
        ("ABANDONED_CART", 20),
        ("ORDER_LINES", 3),
    ]


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("*|fname|*", "FNAME"),
        ("*| FNAME |*", "FNAME"),
        ("*|LIST:NAM|*", "LIST:NAME"),
        ("*|MC:SUBJET|*", "MC:SUBJECT"),
        ("*|TRIGGER:PRODUCT:NAME|*", "TRIGGER:PRODUCT:IMAGE_URL"),
        ("*|TRIGGER:PRODUCTS:TITLE|*", "TRIGGER:PRODUCT:TITLE"),
        ("*|IF|*", "IF:"),
        ("*|IF:FNAME|*x*|ELSE|*y*|END:IF|*", "ELSE:"),
        ("*|IF:FNAME|*x*|END|*", "END:IF"),
        ("*|IF:FNAME|*x*|END:INTRESTED|*", "END:INTERESTED"),
    ],
)
def test_unknown_words_come_with_the_nearest_known_one(written, nearest):
    with pytest.raises(MergeTagError) as error:
        parse(written)
    assert error.value.code == "V10"
    if written != "*|TRIGGER:PRODUCT:NAME|*":
        assert error.value.nearest == nearest
        assert f"Did you mean {nearest}?" in str(error.value)
    else:
        assert error.value.nearest.startswith("TRIGGER:PRODUCT:")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("Hi *|FNAME, welcome", "not closed"),
        ("*|FNAME *|LNAME|*", "not closed"),
        ("*||*", "empty"),
        ("*|UPPER:URL:FNAME|*", "takes one of"),
        ("*|DATE:|*", "needs a format"),
        ("*|COUPON:spring:none|*", "no default"),
        ("*|COUPON:|*", "not a known tag"),
        ("*|EVENT:1st|*", "not a known tag"),
        ("*|PRODUCT:TITLE|*", "outside a block"),
        ("*|IF:|*x*|END:IF|*", "write a test as"),
        ("*|IF:FNAME:there|*x*|END:IF|*", "write a test as"),
        ('*|IF:FNAME="Ana|*x*|END:IF|*', "write a test as"),
        ('*|IF:FNAME="A"na"|*x*|END:IF|*', "write a test as"),
        ("*|IF:FNAME|*x", "never closed"),
        ("*|IFNOT:FNAME|*x", "Add *|END:IF|*"),
        ("x*|END:IF|*", "no block"),
        ("*|ELSE:|*", "no block"),
        ("*|ELSEIF:FNAME|*", "no block"),
        ("*|IF:FNAME|*a*|ELSE:|*b*|ELSE:|*c*|END:IF|*", "comes after ELSE"),
        ("*|IF:FNAME|*a*|ELSE:|*b*|ELSEIF:LNAME|*c*|END:IF|*", "comes after ELSE"),
        ("*|IF:FNAME|*a*|END:INTERESTED|*", "closes *|IF:FNAME|*, which was opened at line 1, column 1"),
        ("*|INTERESTED:Plants|*a*|END:INTERESTED|*", "INTERESTED:category:group"),
        ("*|INTERESTED:Plants:Ferns,|*a*|END:INTERESTED|*", "INTERESTED:category:group"),
        ("*|INTERESTED:Plants:Ferns|*a*|ELSEIF:FNAME|*", "no block"),
        ("*|ABANDONED_CART:51|*a*|END:ABANDONED_CART|*", "1 to 50"),
        ("*|ABANDONED_CART:0|*a*|END:ABANDONED_CART|*", "1 to 50"),
        ("*|ORDER_LINES:many|*a*|END:ORDER_LINES|*", "1 to 50"),
        ("*|ORDER_LINES:|**|ABANDONED_CART:|*a*|END:ABANDONED_CART|**|END:ORDER_LINES|*", "cannot hold"),
        ("*|IF:FNAME|*" * 33, "32 deep"),
    ],
)
def test_malformed_blocks_are_refused(written, says):
    with pytest.raises(MergeTagError) as error:
        parse(written)
    assert error.value.code == "V10"
    assert says in str(error.value)


def test_the_error_names_the_place():
    with pytest.raises(MergeTagError) as error:
        parse("Dear *|FNAME|*,\n\nyour *|LNAME|*, your *|list|*")
    assert (error.value.line, error.value.column, error.value.tag) == (3, 22, "*|list|*")
    assert error.value.where == "line 3, column 22"
