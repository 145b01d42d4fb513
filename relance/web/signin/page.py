"""Sign in by password or by a link that works once; sign out."""

from __future__ import annotations

from datetime import timedelta

from relance.accounts import store
from relance.accounts.people import fold_address
from relance.accounts.sign_in import SESSION_LASTS, create_link, redeem_link, sign_in_with_password, sign_out
from relance.db.pool import Transaction
from relance.kernel.errors import Denied
from relance.web.language import LANGUAGES, mark
from relance.web.signin.letter import link_letter
from relance.web.signin.patience import Patience
from relance.web.visit import Answer, Later, Page, Redirect, Visit, local_path

WRONG = mark("The address or the password is wrong.")
TOO_MANY = mark("Too many attempts. Wait a minute, or ask for a sign-in link.")
LINK_OVER = mark("This sign-in link has been used or is over. Ask for a new one.")

# Sign-ins that may fail a minute, by network address and by the account tried; in each process.
_by_address = Patience(20, timedelta(minutes=1))
_by_account = Patience(10, timedelta(minutes=1))
_letters = Patience(5, timedelta(minutes=10))


def show(visit: Visit, _: Transaction) -> Answer:
    """The form; for those who are signed in already, the way on."""
    if visit.who is not None:
        return Redirect(local_path(visit.query.get("next", "")))
    return _form(visit, target=local_path(visit.query.get("next", "")), email=visit.query.get("email", ""))


def answer(visit: Visit) -> Answer:
    """Both buttons of the form."""
    if visit.form.get("how") == "link" and visit.context.post is not None:
        return _send_link(visit)
    email, target = visit.form.get("email", "").strip(), local_path(visit.form.get("next", ""))
    if not (_by_address.take(visit.now, visit.address) and _by_account.take(visit.now, fold_address(email))):
        return _form(visit, target=target, email=email, error=TOO_MANY, status=429)
    said = visit.speaker.language
    try:
        token = sign_in_with_password(visit.context.database, visit.now, email, visit.form.get("password", ""), said)
    except Denied:
        return _form(visit, target=target, email=email, error=WRONG, status=403)
    stay = bool(visit.form.get("stay"))
    return Redirect(target, session=token, keep=int(SESSION_LASTS.total_seconds()) if stay else None)


def show_link(visit: Visit, _: Transaction) -> Answer:
    """Opening a link changes nothing: mail programs and scanners open links too, and it works only once."""
    return Page("signin/link.html", {"token": visit.path["token"]})


def redeem(visit: Visit) -> Answer:
    try:
        with visit.context.database.transaction() as tx:
            token = redeem_link(tx, visit.now, visit.path["token"], visit.speaker.language)
    except Denied:
        return _form(visit, target="/flows", email="", error=LINK_OVER, status=403)
    return Redirect("/flows", session=token, keep=int(SESSION_LASTS.total_seconds()))


def leave(visit: Visit, tx: Transaction) -> Answer:
    sign_out(tx, visit.session)
    return Redirect("/signin", session="")


def speak(visit: Visit, tx: Transaction) -> Answer:
    """The button with the other language's name, on every page."""
    if (wanted := visit.form.get("language", "")) in LANGUAGES:
        store.set_language(tx, visit.person.person.person_id, wanted)
    return Redirect(local_path(visit.form.get("next", "")))


def _send_link(visit: Visit) -> Answer:
    """The same reply, as fast, whether or not the address is known: the letter is written after it."""
    email = visit.form.get("email", "").strip()
    page = Page("signin/sent.html", {"email": email})

    def write() -> None:
        if not _letters.take(visit.now, fold_address(email)):
            return
        with visit.context.database.transaction() as tx:
            known = store.person_by_email(tx, fold_address(email))
            token = create_link(tx, visit.now, known[0].person_id) if known else ""
        if known and visit.context.post is not None:
            visit.context.post.hand_over([link_letter(visit.context.public_url, known[0], token, visit.now)])

    return Later(page, write)


def _form(visit: Visit, *, target: str, email: str, error: str = "", status: int = 200) -> Page:
    values = {"target": target, "email": email, "error": error, "by_mail": visit.context.post is not None}
    return Page("signin/signin.html", values, status=status)
