"""One open SMTP connection. Drives smtplib command by command, to know exactly when the final dot goes out."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from functools import cache
from typing import Final

from relance.kernel import clock
from relance.messages.addresses import wire_address
from relance.messages.transports.model import Answer, AnswerKind, Letter, Reply, Stage
from relance.messages.transports.rules import classify, enhanced_status
from relance.messages.transports.smtp_url import SmtpUrl

log = logging.getLogger(__name__)

_LONGEST_TEXT: Final = 500
_GOODBYE: Final = 2.0
_LONE_END = re.compile(rb"\r\n|\r|\n")


class Unreachable(Exception):
    """No connection, or none that lets us send: no letter was begun. ``stage`` is CONNECT or AUTH."""

    def __init__(self, stage: Stage, reply: Reply | None, text: str, *, blocked: bool = False) -> None:
        super().__init__(text)
        self.reply, self.text = reply, text
        kind = AnswerKind.SENDER_BLOCKED if blocked else classify(reply, stage)
        self.kind = kind or AnswerKind.TRANSIENT

    @classmethod
    def after(cls, answer: Answer) -> Unreachable:
        """For the letters behind one whose answer shows that the server has stopped talking."""
        return cls(Stage.CONNECT, None, f"not tried, because of the letter before: {answer.text}")

    def answer(self, key: str) -> Answer:
        code = self.reply.code if self.reply and self.reply.code > 0 else None
        return Answer(key, self.kind, code, enhanced_status(self.reply) if self.reply else None, self.text)


class Line:
    """Used by one thread at a time. ``open`` is False once the connection is gone or not worth keeping."""

    def __init__(self, smtp: smtplib.SMTP, timeout: float, final_timeout: float) -> None:
        self.smtp = smtp
        self.open = True
        self.sent = 0
        self.used_at = clock.monotonic()
        self._timeout, self._final_timeout = timeout, final_timeout
        self._stage = Stage.SENDER
        self._pipelining = smtp.has_extn("pipelining")
        self._utf8, self._eight_bit = smtp.has_extn("smtputf8"), smtp.has_extn("8bitmime")
        self._sized = smtp.has_extn("size")
        limit = smtp.esmtp_features.get("size", "")
        self.size_limit = int(limit) if limit.isdecimal() else 0

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over. Never raises: a lost connection is an answer too."""
        self._stage = Stage.SENDER
        try:
            return self._converse(letter)
        except Exception as error:
            if not isinstance(error, OSError):
                log.exception("transport.letter_failed")
            self.drop()
            kind = classify(None, self._stage) or AnswerKind.TRANSIENT
            return Answer(letter.key, kind, None, None, f"connection lost at {self._stage.value}: {_reason(error)}")

    def alive(self) -> bool:
        """Ask with NOOP whether the server is still there."""
        try:
            self._write(b"NOOP\r\n")
            if self._read().code == 250:
                return True
        except OSError:
            pass
        self.drop()
        return False

    def drop(self) -> None:
        self.open = False
        self.smtp.close()

    def quit(self) -> None:
        try:
            if self.open and self.smtp.sock:
                self.smtp.sock.settimeout(_GOODBYE)
                self.smtp.docmd("QUIT")
        except OSError:
            pass
        self.drop()

    def _converse(self, letter: Letter) -> Answer:
        recipient = wire_address(letter.recipient)
        sender = wire_address(letter.sender) if letter.sender else ""
        international = not f"{recipient}{sender}".isascii()
        problem = self._unsendable(letter, recipient, sender, international)
        if problem:
            return Answer(letter.key, problem[0], None, None, problem[1])
        body = _dotted(letter.data)
        options = f" SIZE={len(letter.data)}" if self._sized else ""
        if self._eight_bit and not letter.data.isascii():
            options += " BODY=8BITMIME"
        options += " SMTPUTF8" if international else ""
        refusal = self._open_transaction(
            f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()
        )
        if refusal:
            return _answer(letter.key, *refusal)
        return self._final(letter.key, body)

    def _unsendable(
        self, letter: Letter, recipient: str | None, sender: str | None, international: bool
    ) -> tuple[AnswerKind, str] | None:
        """What needs no question to the server."""
        if recipient is None:
            return AnswerKind.REFUSED, "the recipient is not an email address"
        if sender is None:
            return AnswerKind.SENDER_BLOCKED, "the sender is not an email address"
        if international and not self._utf8:
            kind = AnswerKind.SENDER_BLOCKED if recipient.isascii() else AnswerKind.REFUSED
            return kind, "the mail server takes no address outside ASCII (it does not offer SMTPUTF8)"
        if 0 < self.size_limit < len(letter.data):
            return AnswerKind.REFUSED_MESSAGE, f"the message is over the server's limit of {self.size_limit} bytes"
        return None

    def _open_transaction(self, mail: bytes, rcpt: bytes) -> tuple[AnswerKind, Reply] | None:
        """MAIL, RCPT and DATA, in one write where the server allows it. Returns the first refusal, if any."""
        if self._pipelining:
            self._write(mail + rcpt + b"DATA\r\n")
        refusal: tuple[AnswerKind, Reply] | None = None
        try:
            for stage, command in ((Stage.SENDER, mail), (Stage.RECIPIENT, rcpt), (Stage.DATA, b"DATA\r\n")):
                if not refusal:
                    self._stage = stage
                if not self._pipelining:
                    self._write(command)
                reply = self._read()
                kind = classify(reply, stage)
                refusal = refusal or (kind and (kind, reply)) or None
                if refusal and not self._pipelining:
                    break
            if refusal:
                self._settle(refusal[1], reply)
        except OSError:
            if not refusal:
                raise
            self.drop()
        return refusal

    def _settle(self, refusal: Reply, last: Reply) -> None:
        """After a refusal: make the connection ready for the next letter, or give it up."""
        # 354 despite a refusal: the text would be expected now, and even a lone dot might be taken for a message.
        if {refusal.code, last.code} & {421, -1, 354} or refusal.code // 100 not in (4, 5):
            self.drop()
            return
        self._write(b"RSET\r\n")
        if self._read().code != 250:
            self.drop()

    def _final(self, key: str, body: bytes) -> Answer:
        self._write(body)
        # From here on the message counts as perhaps accepted. The dot goes out by itself: a message without its
        # end cannot be accepted, so that any earlier loss is safe to repeat.
        self._stage = Stage.FINAL
        self._write(b".\r\n")
        if self.smtp.sock:
            self.smtp.sock.settimeout(self._final_timeout)
        reply = self._read()
        if self.smtp.sock:
            self.smtp.sock.settimeout(self._timeout)
        self.sent += 1
        kind = classify(reply, Stage.FINAL) or AnswerKind.UNKNOWN
        if reply.code == 421 or kind is AnswerKind.UNKNOWN:
            self.drop()
        return _answer(key, kind, reply)

    def _write(self, data: bytes) -> None:
        if self.smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        self.smtp.sock.sendall(data)

    def _read(self) -> Reply:
        code, text = self.smtp.getreply()
        return make_reply(code, text)


def make_reply(code: int, text: bytes | str) -> Reply:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Reply(code, " ".join(words.split())[:_LONGEST_TEXT])


def _answer(key: str, kind: AnswerKind, reply: Reply) -> Answer:
    return Answer(key, kind, reply.code if reply.code > 0 else None, enhanced_status(reply), reply.text)


def _dotted(data: bytes) -> bytes:
    """The text as DATA takes it: every line ends with CRLF, no line starts with a single dot (RFC 5321 4.5.2)."""
    ends = data.count(b"\r\n")
    if data.count(b"\n") != ends or data.count(b"\r") != ends:
        # A lone CR or LF before a dot is taken for the end of the message by some servers.
        data = _LONE_END.sub(b"\r\n", data)
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    if data.startswith(b"."):
        data = b"." + data
    return data.replace(b"\r\n.", b"\r\n..")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "time-out"
    return str(error)[:_LONGEST_TEXT] if isinstance(error, OSError) else type(error).__name__


@cache
def _own_name() -> str:
    name = socket.getfqdn()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def connect(url: SmtpUrl, context: ssl.SSLContext, timeout: float, final_timeout: float) -> Line:
    """Open a connection: greeting, TLS as the URL asks for it, login. Raises Unreachable."""
    smtp: smtplib.SMTP | None = None
    helo = url.helo or _own_name()
    stage = Stage.CONNECT
    try:
        if url.scheme == "smtps":
            smtp = smtplib.SMTP_SSL(url.host, url.port, helo, timeout=timeout, context=context)
        else:
            smtp = smtplib.SMTP(url.host, url.port, helo, timeout=timeout)
        smtp.ehlo_or_helo_if_needed()
        if url.scheme != "smtps" and (url.insists or (url.tls and smtp.has_extn("starttls"))):
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if url.user:
            stage = Stage.AUTH
            smtp.login(url.user, url.password)
        if smtp.sock:
            # Text and final dot are two writes: without this the second would wait for the first's acknowledgement.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Line(smtp, timeout, final_timeout)
    except Unreachable:
        _close(smtp)
        raise
    except Exception as error:
        _close(smtp)
        raise _unreachable(url, stage, error) from None


def _unreachable(url: SmtpUrl, stage: Stage, error: Exception) -> Unreachable:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = make_reply(error.smtp_code, error.smtp_error)
        reply = Reply(reply.code, url.scrub(reply.text))
        return Unreachable(stage, reply, f"{url} at {stage.value}: {reply.code} {reply.text}")
    # smtplib says "no suitable method" with the bare base class.
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        what = "offers no login that Relance knows" if stage is Stage.AUTH else "offers no STARTTLS"
        in_clear = ", so the password was not sent. Add ?tls=off to send it in the clear."
        way_out = in_clear if url.scheme == "smtp" and stage is Stage.CONNECT else ""
        return Unreachable(stage, None, f"{url} {what}{way_out}", blocked=True)
    if isinstance(error, ssl.SSLError):
        why = getattr(error, "verify_message", "") or error.reason or "handshake failed"
        unknown = isinstance(error, ssl.SSLCertVerificationError)
        way_out = ". Name its authority with ?ca=FILE, or add ?verify=off to take any certificate." if unknown else ""
        return Unreachable(stage, None, f"{url}: TLS failed: {why}{way_out}")
    if isinstance(error, OSError):
        return Unreachable(stage, None, f"{url} cannot be reached: {url.scrub(_reason(error))}")
    log.error("transport.connection_failed", extra={"kind": type(error).__name__})
    return Unreachable(stage, None, f"{url} cannot be used: {type(error).__name__}")


def _close(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()
