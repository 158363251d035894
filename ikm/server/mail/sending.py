"""Sending a mail: over TLS wherever the mail server offers it, and never a password without."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ikm.server.settings import MailServer

_PATIENCE_S = 20
_FOR_EVER = 500
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MailFault(Exception):
    """A mail that was not taken; the message is a sentence without passwords or words of the mail."""


class RecipientRefused(MailFault):
    """The mail server will never take that mail for that address; others may be reached."""


def mail(sender: str, to: str, subject: str, text: str, html: str) -> EmailMessage:
    """A mail in plain text, and the same in HTML for readers that show it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # no answer of a machine is wanted, and none is to be answered
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def send(server: MailServer, message: EmailMessage) -> None:
    """Hand a mail over. Raises MailFault."""
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= _FOR_EVER for code in codes):
            raise RecipientRefused("Server surel menolak alamat penerima.") from None
        raise MailFault("Server surel belum mau menerima surel ini.") from None
    except smtplib.SMTPAuthenticationError:
        raise MailFault("Server surel menolak nama atau sandi di IKM_SMTP_URL.") from None
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= _FOR_EVER:
            raise RecipientRefused("Server surel menolak isi surel ini.") from None
        raise MailFault("Server surel belum mau menerima surel ini.") from None
    except (smtplib.SMTPException, ssl.SSLError) as error:
        raise MailFault(f"Server surel menolak: {type(error).__name__}.") from None
    except OSError as error:
        raise MailFault(f"Server surel tidak dapat dihubungi: {error.strerror or type(error).__name__}.") from None


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.implicit:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE_S, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE_S)
    try:
        connection.ehlo_or_helo_if_needed()
        _secure(connection, server, context)
    except (smtplib.SMTPException, OSError, MailFault):
        connection.close()
        raise
    return connection


def _secure(connection: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    if connection.has_extn("starttls"):
        connection.starttls(context=context)
    elif server.user and server.host not in _LOOPBACK:
        raise MailFault("Server surel tidak menawarkan TLS; sandi tidak dikirim tanpa itu. Pakai smtps://.")
