"""Every sentence of the recipients' pages, in English and French."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """``{email}`` and ``{sender}`` are filled in."""

    name: str
    question: str
    question_lead: str
    unsubscribe: str
    done: str
    done_lead: str
    already: str
    already_lead: str
    undo: str
    back: str
    back_lead: str
    still: str
    missing: str
    missing_lead: str
    unavailable: str
    unavailable_lead: str


WORDS = {
    "en": Words(
        name="English",
        question="Unsubscribe?",
        question_lead="{email} will get no more emails from {sender}. No need to sign in.",
        unsubscribe="Unsubscribe",
        done="You are unsubscribed",
        done_lead="{email} will get no more emails from {sender}.",
        already="You are already unsubscribed",
        already_lead="{email} gets no emails from {sender}.",
        undo="Undo, keep me subscribed",
        back="You are subscribed again",
        back_lead="{email} goes on getting emails from {sender}. The link in each of them lets you leave.",
        still="Order and delivery messages still reach you.",
        missing="This link does not work",
        missing_lead="It is incomplete, or too old. Open it from the email once more.",
        unavailable="Just a moment",
        unavailable_lead="This page cannot be shown right now. Please try again in a minute.",
    ),
    "fr": Words(
        name="Français",
        question="Vous désabonner ?",
        question_lead="{email} ne recevra plus d’e-mails de {sender}. Sans vous connecter.",
        unsubscribe="Me désabonner",
        done="Vous êtes désabonné(e)",
        done_lead="{email} ne recevra plus d’e-mails de {sender}.",
        already="Vous êtes déjà désabonné(e)",
        already_lead="{email} ne reçoit pas d’e-mails de {sender}.",
        undo="Annuler, rester abonné(e)",
        back="Vous êtes à nouveau abonné(e)",
        back_lead="{email} continue de recevoir les e-mails de {sender}. Le lien de chacun permet de vous désabonner.",
        still="Les messages de commande et de livraison restent envoyés.",
        missing="Ce lien ne fonctionne pas",
        missing_lead="Il est incomplet ou trop ancien. Ouvrez-le à nouveau depuis l’e-mail.",
        unavailable="Un instant",
        unavailable_lead="Cette page ne peut pas être affichée pour le moment. Réessayez dans une minute.",
    ),
}
