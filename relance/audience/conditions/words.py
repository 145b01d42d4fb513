"""The words that conditions are told in. ``{0}`` is the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    joins: Mapping[str, str]
    empty: Mapping[str, str]
    none: str
    subjects: Mapping[str, str]
    operators: Mapping[str, str]
    dated: Mapping[str, str]
    whole: Mapping[tuple[str, str], str]
    groups: Mapping[str, str]
    activity: Mapping[str, str]
    happenings: Mapping[str, str]
    windows: Mapping[str, str]
    statuses: Mapping[str, str]
    email: str
    any_email: str
    link: str
    count: str
    between: str
    months: Sequence[str]
    weekdays: Sequence[str]


ENGLISH = Words(
    joins={"all": " and ", "any": " or ", "none": " or "},
    empty={"all": "everyone", "any": "no one", "none": "everyone"},
    none="none of: {0}",
    subjects={
        "email": "Email address", "email_status": "Email status", "sms_status": "SMS status", "created": "Date added",
        "opted_in": "Opt-in date", "changed": "Last change", "source": "Source", "language": "Language",
        "rating": "Rating", "vip": "VIP", "no_open_tracking": "Opens not tracked",
    },
    operators={
        "is": "is {0}", "is_not": "is not {0}", "not": "is not {0}", "contains": "contains {0}",
        "not_contains": "does not contain {0}", "starts": "starts with {0}", "ends": "ends with {0}",
        "greater": "is greater than {0}", "less": "is less than {0}", "blank": "is blank", "not_blank": "is not blank",
        "is_exactly": "is exactly {0}", "in": "is one of {0}", "not_in": "is none of {0}",
        "at_least": "is at least {0}",
        "at_most": "is at most {0}", "between": "is between {0}", "within_last": "is within the last {0} days",
        "within_next": "is within the next {0} days", "more_than_ago": "is more than {0} days ago",
        "more_than_ahead": "is more than {0} days ahead", "within": "is within the last {0} days",
        "not_within": "is not within the last {0} days", "month_is": "is in {0}", "weekday_is": "is on a {0}",
        "anniversary_within": "has its anniversary within {0} days", "country_is": "is in the country {0}",
        "city_is": "is in the city {0}", "postcode_starts": "has a postcode starting with {0}", "is_yes": "is yes",
        "is_no": "is no",
    },
    dated={"greater": "is after {0}", "less": "is before {0}"},
    whole={
        ("tag", "has"): "has the tag {0}", ("tag", "has_not"): "does not have the tag {0}", ("vip", "yes"): "is a VIP",
        ("segment", "in"): "is in the segment {0}", ("segment", "not_in"): "is not in the segment {0}",
        ("flow", "started"): "has started the flow {0}", ("flow", "not_started"): "has not started the flow {0}",
        ("flow", "completed"): "has completed the flow {0}",
        ("flow", "not_completed"): "has not completed the flow {0}", ("flow", "inside"): "is in the flow {0}",
        ("flow", "not_inside"): "is not in the flow {0}", ("flow", "exited"): "has left the flow {0} before its end",
        ("vip", "no"): "is not a VIP", ("no_open_tracking", "is_yes"): "has asked not to have opens tracked",
        ("no_open_tracking", "is_no"): "lets opens be tracked",
    },
    groups={
        "any_of": "is in one of the groups {0}", "all_of": "is in all of the groups {0}",
        "none_of": "is in none of the groups {0}",
    },
    activity={
        "was_sent": "was sent {0}", "not_sent": "was not sent {0}", "opened": "opened {0}",
        "not_opened": "did not open {0}", "clicked": "clicked {0}", "not_clicked": "did not click {0}",
        "engagement_unknown": "may or may not have opened {0}",
    },
    happenings={
        "happened": "{0} happened", "not_happened": "{0} did not happen",
        "count_at_least": "{0} happened at least {1} times",
        "count_at_most": "{0} happened at most {1} times", "count_is": "{0} happened {1} times",
    },
    windows={
        "hours": "in the last {0} hours", "days": "in the last {0} days", "weeks": "in the last {0} weeks",
        "between": "between {0} and {1}", "since": "since {0}", "entry": "since entering the flow",
        "step": "since arriving at this step",
    },
    statuses={
        "subscribed": "subscribed", "non_subscribed": "non-subscribed", "unsubscribed": "unsubscribed",
        "pending": "pending", "cleaned": "cleaned",
    },
    email="the email {0}",
    any_email="any email",
    link="the link {0} in {1}",
    count=" (at least {0} emails)",
    between=" and ",
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)  # fmt: skip

FRENCH = Words(
    joins={"all": " et ", "any": " ou ", "none": " ou "},
    empty={"all": "tout le monde", "any": "personne", "none": "tout le monde"},
    none="aucun de\u00a0: {0}",
    subjects={
        "email": "Adresse e-mail", "email_status": "Statut e-mail", "sms_status": "Statut SMS",
        "created": "Date d’ajout", "opted_in": "Date d’inscription", "changed": "Dernière modification",
        "source": "Source", "language": "Langue", "rating": "Note", "vip": "VIP",
        "no_open_tracking": "Ouvertures non suivies",
    },
    operators={
        "is": "est {0}", "is_not": "n’est pas {0}", "not": "n’est pas {0}", "contains": "contient {0}",
        "not_contains": "ne contient pas {0}", "starts": "commence par {0}", "ends": "finit par {0}",
        "greater": "est supérieur à {0}", "less": "est inférieur à {0}", "blank": "est vide",
        "not_blank": "n’est pas vide", "is_exactly": "est exactement {0}", "in": "est parmi {0}",
        "not_in": "n’est pas parmi {0}", "at_least": "est au moins {0}", "at_most": "est au plus {0}",
        "between": "est entre {0}", "within_last": "est dans les {0} derniers jours",
        "within_next": "est dans les {0} prochains jours", "more_than_ago": "remonte à plus de {0} jours",
        "more_than_ahead": "est dans plus de {0} jours", "within": "est dans les {0} derniers jours",
        "not_within": "n’est pas dans les {0} derniers jours", "month_is": "est en {0}", "weekday_is": "est un {0}",
        "anniversary_within": "a son anniversaire dans les {0} jours", "country_is": "est dans le pays {0}",
        "city_is": "est dans la ville {0}", "postcode_starts": "a un code postal commençant par {0}",
        "is_yes": "est oui", "is_no": "est non",
    },
    dated={"greater": "est après le {0}", "less": "est avant le {0}"},
    whole={
        ("tag", "has"): "a le tag {0}", ("tag", "has_not"): "n’a pas le tag {0}", ("vip", "yes"): "est VIP",
        ("segment", "in"): "est dans le segment {0}", ("segment", "not_in"): "n’est pas dans le segment {0}",
        ("flow", "started"): "a commencé le flux {0}", ("flow", "not_started"): "n’a pas commencé le flux {0}",
        ("flow", "completed"): "a terminé le flux {0}", ("flow", "not_completed"): "n’a pas terminé le flux {0}",
        ("flow", "inside"): "est dans le flux {0}", ("flow", "not_inside"): "n’est pas dans le flux {0}",
        ("flow", "exited"): "a quitté le flux {0} avant la fin",
        ("vip", "no"): "n’est pas VIP", ("no_open_tracking", "is_yes"): "a refusé le suivi des ouvertures",
        ("no_open_tracking", "is_no"): "accepte le suivi des ouvertures",
    },
    groups={
        "any_of": "est dans l’un des groupes {0}", "all_of": "est dans tous les groupes {0}",
        "none_of": "n’est dans aucun des groupes {0}",
    },
    activity={
        "was_sent": "a reçu {0}", "not_sent": "n’a pas reçu {0}", "opened": "a ouvert {0}",
        "not_opened": "n’a pas ouvert {0}", "clicked": "a cliqué sur {0}", "not_clicked": "n’a pas cliqué sur {0}",
        "engagement_unknown": "a peut-être ouvert {0}",
    },
    happenings={
        "happened": "{0} a eu lieu", "not_happened": "{0} n’a pas eu lieu",
        "count_at_least": "{0} a eu lieu au moins {1} fois", "count_at_most": "{0} a eu lieu au plus {1} fois",
        "count_is": "{0} a eu lieu {1} fois",
    },
    windows={
        "hours": "dans les {0} dernières heures", "days": "dans les {0} derniers jours",
        "weeks": "dans les {0} dernières semaines", "between": "entre le {0} et le {1}", "since": "depuis le {0}",
        "entry": "depuis l’entrée dans le flux", "step": "depuis l’arrivée à cette étape",
    },
    statuses={
        "subscribed": "abonné", "non_subscribed": "non abonné", "unsubscribed": "désabonné", "pending": "en attente",
        "cleaned": "nettoyé",
    },
    email="l’e-mail {0}",
    any_email="un e-mail quelconque",
    link="le lien {0} dans {1}",
    count=" (au moins {0} e-mails)",
    between=" et ",
    months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre"),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
)  # fmt: skip

WORDS = {"en": ENGLISH, "fr": FRENCH}
