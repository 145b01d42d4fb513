"""Messages for the people of Fern & Moss: values, defaults, tests, groups, lines (spec/flows.md 8.1, 8.3)."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from relance.messages.merge import (
    CouponEmpty,
    Event,
    NoLineLeft,
    Place,
    RenderFailed,
    Shown,
    Values,
    compile_template,
    dated,
    group_key,
    money,
    parse,
)

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
HOME = {"addr1": "1 Moss Lane", "city": "Portland", "state": "OR", "zip": "97201", "country": "US"}
RUE = {"addr1": "3 rue des Fougères", "addr2": "Bât. B", "city": "Lyon", "zip": "69001", "country": "FR"}
LINES = [
    {"TITLE": "Fern", "PRICE": money(Decimal("12.5"), "EUR", "en"), "QUANTITY": 2, "URL": "https://fern.example/1"},
    {"TITLE": "Moss & stone", "PRICE": money(Decimal(4), "EUR", "en"), "QUANTITY": 1, "VARIANT": "Small"},
]
VALUES = {
    "fields": {
        "EMAIL": "chloe@example.com",
        "FNAME": "Chloé",
        "LNAME": "  ",
        "AGE": Decimal("34"),
        "SINCE": dated(date(2024, 2, 29), "d/m/Y", "fr"),
        "VIP": True,
        "ADDRESS": HOME,
        "BIRTHDAY": "05/12",
        "CITY": "ÉVREUX ",
        "TEXTNUM": "18",
    },
    "defaults": {"LNAME": "friend", "SHOE": "size unknown"},
    "system": {
        "UNSUB": "https://fern.example/u/1",
        "LIST:NAME": "Customers",
        "LIST:ADDRESS": RUE,
        "FLOW:NAME": "Welcome",
        "FLOW:ENTERED": datetime(2026, 12, 1, 23, 30, tzinfo=UTC),
    },
}


def write(text: str, place: Place = Place.TEXT, **values: object) -> str:
    return compile_template(parse(text), place).render(Values(NOW, **{**VALUES, **values}))


class TestDefaults:
    def test_the_tags_own_then_the_fields_then_nothing(self):
        assert write("Hello *|LNAME:there|*") == "Hello there"
        assert write("Hello *|LNAME|*") == "Hello friend"
        assert write("Hello *|LNAME:|*") == "Hello "
        assert write("Hello *|NICK|*.") == "Hello ."
        assert write("*|SHOE|*") == "size unknown"
        assert write("*|HTML:SHOE|*", Place.HTML) == "size unknown"

    def test_a_value_wins(self):
        assert write("Hello *|FNAME:there|*") == "Hello Chloé"

    def test_a_default_is_escaped_and_cased_like_a_value(self):
        assert write("*|UPPER:LNAME:l'amie|*", Place.HTML) == "L&#39;AMIE"


class TestContact:
    def test_modes(self):
        assert write("*|UPPER:FNAME|* *|LOWER:FNAME|* *|URL:FNAME|*") == "CHLOÉ chloé Chlo%C3%A9"
        names = {"FNAME": "jean-paul o'neil ÉLODIE"}
        assert write("*|TITLE:FNAME|*", fields=names) == "Jean-Paul O'neil Élodie"

    def test_addresses(self):
        assert write("*|ADDRESS|*") == "1 Moss Lane, Portland, OR 97201, US"
        assert write("*|ADDRESS:city|*/*|ADDRESS:addr2:none|*/*|ADDRESS:state|*") == "Portland/none/OR"
        assert write("*|ADDRESS:city:nowhere|*", fields={}) == "nowhere"

    def test_html_prints_an_address_on_lines(self):
        assert write("*|HTML:LIST:ADDRESS|*", Place.HTML) == "3 rue des Fougères<br>Bât. B<br>69001 Lyon<br>FR"
        assert write("*|HTML:LIST:ADDRESS|*") == "3 rue des Fougères\nBât. B\n69001 Lyon\nFR"
        evil = {"ADDRESS": {**HOME, "addr1": "<script>x</script>"}}
        assert write("*|HTML:ADDRESS|*", Place.HTML, fields=evil).startswith("&lt;script&gt;")

    def test_dates_and_numbers_in_their_format(self):
        assert write("*|SINCE|* *|AGE|* *|VIP|*") == "29/02/2024 34 yes"
        assert write("*|VIP|*", language="fr") == "oui"


class TestSystem:
    def test_links_and_audience(self):
        assert write("*|UNSUB|* *|LIST:UNSUB|*") == "https://fern.example/u/1 https://fern.example/u/1"
        assert write("*|LIST:NAME|*, *|LIST:PHONE:no phone|*") == "Customers, no phone"

    def test_no_message_leaves_without_its_unsubscribe_link(self):
        with pytest.raises(RenderFailed) as error:
            write("*|UNSUB|*", system={})
        assert error.value.code == "S12"

    def test_time_is_the_rendering_instant_in_the_flows_zone(self):
        assert write("*|DATE:Y-m-d H:i|* *|CURRENT_YEAR|*") == "2026-12-31 23:30 2026"
        paris = ZoneInfo("Europe/Paris")
        assert write("*|DATE:l j F Y|* *|CURRENT_YEAR|*", zone=paris, language="fr") == "vendredi 1 janvier 2027 2027"

    def test_series_flow_and_language(self):
        text = "*|AUTOMATION:CURRENT_EMAIL|* of *|AUTOMATION:TOTALEMAILS|*, *|FLOW:NAME|* since *|FLOW:ENTERED|*"
        assert write(text, position=(2, 5)) == "2 of 5, Welcome since December 1, 2026"
        assert write("*|FLOW:ENTERED|* *|MC_LANGUAGE|*", zone=ZoneInfo("Europe/Paris"), language="fr") == (
            "2 décembre 2026 fr"
        )

    def test_rewards_prints_nothing(self):
        assert write("[*|REWARDS|*]") == "[]"


class TestEvents:
    ORDERED = Event("ordered", NOW, {"plan": "pro", "a": {"b": [{"c": 1.5}]}, "a.x": "dotted", "list": ["x", 2]})
    CALLED = Event("called", None, {"plan": "", "agent": "Dev"})

    def test_properties_names_and_dates(self):
        text = "*|EVENT:NAME|* *|EVENT:DATE|* *|EVENT:plan|* *|EVENT:a.b.0.c|* *|EVENT:a.x|* *|EVENT:list|*"
        assert write(text, events=[self.ORDERED]) == "ordered December 31, 2026 pro 1.5 dotted x, 2"

    def test_missing_properties_and_objects_are_blank(self):
        assert write("*|EVENT:nope:none|* *|EVENT:a:none|* *|EVENT:a.b.7:none|*", events=[self.ORDERED]) == (
            "none none none"
        )
        assert write("*|EVENT:plan:free|*") == "free"

    def test_newest_first(self):
        assert write("*|EVENT:NAME|* *|EVENT:agent|* *|EVENT:plan|*", events=[self.CALLED, self.ORDERED]) == (
            "called Dev pro"
        )

    def test_other_sources(self):
        values = {
            "webhook": {"score": 7},
            "trigger": {"PRODUCT": {"TITLE": "Fern"}},
            "coupons": {"spring": "MOSS-1"},
        }
        text = "*|WEBHOOK:score|* *|TRIGGER:PRODUCT:TITLE|* *|TRIGGER:CART:URL:none|* *|COUPON:spring|*"
        assert write(text, **values) == "7 Fern none MOSS-1"

    def test_an_empty_pool_stops_the_message(self):
        with pytest.raises(CouponEmpty) as error:
            write("*|COUPON:spring|*")
        assert error.value.code == "S22"


class TestConditions:
    @pytest.mark.parametrize(
        ("test", "expected"),
        [
            ("FNAME", True),
            ("LNAME", False),
            ("NICK", False),
            ("VIP", True),
            ("ADDRESS:addr2", False),
            ("FNAME=chloe", True),
            ("FNAME=Ben", False),
            ("CITY=évreux", True),
            ("CITY != evreux", False),
            ("FNAME!=Ben", True),
            ("NICK=Ben", False),
            ("NICK!=Ben", True),
            ("NICK=", False),
            ("AGE=34.0", True),
            ("AGE>33", True),
            ("AGE>34", False),
            ("AGE>=34", True),
            ("AGE<100", True),
            ("AGE<9", False),
            ("AGE=old", False),
            ("AGE!=old", True),
            ("NUMBERLESS<5", False),
            ("TEXTNUM>9", True),
            ("FNAME>5", False),
            ("SINCE=2024-02-29", True),
            ("SINCE>2024-02-29", False),
            ("SINCE>2024-02-28", True),
            ("SINCE<=2024-02-29", True),
            ("SINCE<soon", False),
            ("VIP=yes", True),
            ("VIP=oui", True),
            ("VIP=no", False),
            ("BIRTHDAY=05/12", True),
            ("LIST:NAME=CUSTOMERS", True),
            ("DATE:n>11", True),
            ("CURRENT_YEAR=2026", True),
            ("FLOW:ENTERED<2026-12-02", True),
        ],
    )
    def test_one_test(self, test, expected):
        text = f"*|IF:{test}|*yes*|ELSE:|*no*|END:IF|*"
        assert write(text) == ("yes" if expected else "no")
        assert write(text.replace("IF:", "IFNOT:", 1)) == ("no" if expected else "yes")

    def test_events_compare_by_what_they_hold(self):
        text = "*|IF:EVENT:total>100|*big*|ELSEIF:EVENT:at>2026-01-01|*late*|ELSE:|*small*|END:IF|*"
        for properties, expected in [
            ({"total": 120}, "big"),
            ({"total": "120.50"}, "big"),
            ({"total": "many"}, "small"),
            ({"total": True}, "small"),
            ({"total": float("nan")}, "small"),
            ({"at": "2026-01-02T10:00:00Z"}, "late"),
            ({"at": "2026-01-01"}, "small"),
            ({"at": "2026-13-01"}, "small"),
            ({}, "small"),
        ]:
            assert write(text, events=[Event("ordered", NOW, properties)]) == expected

    def test_an_instant_is_a_day_in_the_flows_zone(self):
        text = "*|IF:EVENT:DATE=2027-01-01|*new year*|END:IF|*"
        event = [Event("ordered", NOW, {})]
        assert write(text, events=event) == ""
        assert write(text, events=event, zone=ZoneInfo("Europe/Paris")) == "new year"

    def test_money_compares_as_a_number(self):
        cart = {"TOTAL": money(Decimal("1050.00"), "EUR", "fr")}
        assert write("*|IF:CART:TOTAL>999|*free delivery*|END:IF|*", cart=cart) == "free delivery"

    def test_the_first_true_way_wins_and_ways_nest(self):
        text = "*|IF:NICK|*a*|ELSEIF:VIP=yes|**|IF:AGE<18|*young*|ELSE:|*grown *|FNAME|**|END:IF|**|ELSE:|*c*|END:IF|*"
        assert write(text) == "grown Chloé"
        assert write(text, fields={"NICK": "Clo"}) == "a"
        assert write(text, fields={}) == "c"

    def test_interested_is_any_group_folded(self):
        text = "*|INTERESTED:Plants:Ferns,Élan|*yes*|ELSE:|*no*|END:INTERESTED|*"
        assert write(text, groups=frozenset({group_key("plants", "ELAN")})) == "yes"
        assert write(text, groups=frozenset({group_key("Tools", "Ferns")})) == "no"
        assert write(text.replace("*|ELSE:|*no", "")) == ""


class TestLines:
    TEXT = "*|ABANDONED_CART:|**|PRODUCT:QUANTITY|* x *|PRODUCT:TITLE|* *|PRODUCT:PRICE|*\n*|END:ABANDONED_CART|*"

    def test_each_line_in_order(self):
        assert write(self.TEXT, cart_lines=LINES) == "2 x Fern €12.50\n1 x Moss & stone €4.00\n"

    def test_other_tags_and_tests_inside(self):
        text = "*|ORDER_LINES:|**|IF:PRODUCT:VARIANT|**|PRODUCT:VARIANT|* for *|FNAME|*;*|END:IF|**|END:ORDER_LINES|*"
        assert write(text, order_lines=LINES) == "Small for Chloé;"

    def test_at_most(self):
        many = [{"TITLE": str(number)} for number in range(60)]
        text = "*|ORDER_LINES:|**|PRODUCT:TITLE|* *|END:ORDER_LINES|*"
        assert len(write(text, order_lines=many).split()) == 20
        assert write(text.replace("ORDER_LINES:", "ORDER_LINES:3", 1), order_lines=many) == "0 1 2 "

    def test_no_line_left_is_s17(self):
        with pytest.raises(NoLineLeft) as error:
            write(self.TEXT)
        assert error.value.code == "S17"

    def test_a_block_on_another_way_is_not_missed(self):
        assert write(f"*|IF:NICK|*{self.TEXT}*|ELSE:|*hello*|END:IF|*") == "hello"

    def test_time_runs_out_between_lines(self):
        compiled = compile_template(parse(self.TEXT), Place.TEXT)
        ticks = itertools.count()
        with pytest.raises(RenderFailed) as error:
            compiled.render(Values(NOW, cart_lines=LINES), expired=lambda: next(ticks) > 0)
        assert error.value.code == "S12"

    def test_order_words(self):
        order = {
            "ORDER_TOTAL": money(Decimal("20"), "USD", "en"),
            "ORDER_NUMBER": "1001",
            "ORDER_SHIPPING_ADDRESS": RUE,
        }
        assert write("*|ORDER_NUMBER|*: *|ORDER_TOTAL|*, *|ORDER_TAX_TOTAL:no tax|*", order=order) == (
            "1001: $20.00, no tax"
        )
        assert "Fougères<br>" in write("*|HTML:ORDER_SHIPPING_ADDRESS|*", Place.HTML, order=order)


def test_data_that_cannot_be_written_is_s12():
    with pytest.raises(RenderFailed) as error:
        write("*|FNAME|*", fields={"FNAME": object()})
    assert error.value.code == "S12"
    assert "object" in str(error.value)


def test_money_in_the_contacts_language():
    assert money(Decimal("1234.5"), "EUR", "fr").text == "1\u202f234,50\u00a0€"
    assert money(Decimal("1234.5"), "EUR", "xx-unknown").text == "€1,234.50"
    assert Shown("x", 1) == Shown("x", 1)


def test_a_compiled_template_names_what_it_reads():
    compiled = compile_template(
        parse("*|FNAME|* *|IF:ADDRESS:city=Lyon|**|UNSUB|**|END:IF|* *|COUPON:spring|* *|EVENT:a.b:x|*"), Place.TEXT
    )
    assert compiled.tags == {"FNAME", "ADDRESS:city", "UNSUB", "COUPON:spring", "EVENT:a.b"}
    assert compiled.coupons == {"spring"}
