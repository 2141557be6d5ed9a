"""Messages leave the system: by mail, and to a webhook with a signature. The work of a job of kind `deliver`.

What does not get through stays and goes with the next job, which is left for later; how often it was tried and why it
failed stands beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from api.jobs import Progress, enqueue
from spatial.models import Delivery, Job

PATIENCE_S = 10
MOST_TRIES = 20
PAUSES_S = (0.0, 1.0, 4.0)
"""Before each try of one job."""
LATER = "tries"
"""What such a job is given: how many there were before it, itself included."""
LATER_S = (60, 600, 3600, 6 * 3600)
"""Before the job that tries again what did not get through; the last of them from the fourth time on."""


def enqueue_deliveries(user_id: int | None = None) -> None:
    """Leave it for the worker where anything new waits, within the transaction that made it wait."""
    if _waiting().filter(tries=0).exists():
        enqueue(Job(kind=Job.Kind.DELIVER, title="发送消息", by_id=user_id))


def deliver(job: Job, progress: Progress) -> dict[str, Any]:
    """Send what is new, or what waits since earlier jobs, each a few times; tells how many went and how many not."""
    waiting = _waiting() if LATER in job.given else _waiting().filter(tries=0)
    ids = list(waiting.values_list("pk", flat=True))
    sent = 0
    for number, id_ in enumerate(ids):
        progress("delivering", number, len(ids))
        one = _waiting().filter(pk=id_).first()
        sent += one is not None and _sent(one)
    _try_later(job)
    return {"sent": sent, "waiting": len(ids) - sent}


def _try_later(job: Job) -> None:
    """Leave what waits still for another job, unless there is one: new messages do not use up its tries."""
    queued = Job.objects.filter(kind=Job.Kind.DELIVER, state=Job.State.QUEUED, given__has_key=LATER)
    if _waiting().exclude(tries=0).exists() and not queued.exists():
        tries = job.given.get(LATER, 0)
        again = Job(kind=Job.Kind.DELIVER, title=job.title, by_id=job.by_id, given={LATER: tries + 1})
        enqueue(again, LATER_S[min(tries, len(LATER_S) - 1)])


def _waiting() -> Any:
    return Delivery.objects.filter(done_at=None, tries__lt=MOST_TRIES).order_by("pk")


def _sent(one: Delivery) -> bool:
    send: Mapping[str, Callable[[Delivery], None]] = {"mail": _mail, "webhook": _push}
    for pause in PAUSES_S:
        time.sleep(pause)
        one.tries += 1
        try:
            send[one.channel](one)
        except (OSError, smtplib.SMTPException, http.client.HTTPException, ValueError) as error:
            one.failure = f"{type(error).__name__}: {error}"[:500]
        else:
            one.done_at, one.failure = timezone.now(), ""
        one.save(update_fields=["tries", "failure", "done_at"])
        if one.done_at:
            return True
    return False


def _mail(one: Delivery) -> None:
    """By the server that JINGTU_MAIL_URL names: smtp (with STARTTLS where it is offered) or smtps."""
    url = urlsplit(settings.JINGTU_MAIL_URL)
    told = EmailMessage()
    told["Subject"], told["To"] = one.payload["subject"], one.target
    told["From"] = parse_qs(url.query).get("from", ["jingtu@localhost"])[0]
    told.set_content(one.payload["text"])
    trusted = ssl.create_default_context()
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(url.hostname or "", url.port or 465, timeout=PATIENCE_S, context=trusted)
    else:
        server = smtplib.SMTP(url.hostname or "", url.port or 587, timeout=PATIENCE_S)
    with server:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=trusted)
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(told)


def _push(one: Delivery) -> None:
    """POST of JSON; `X-Jingtu-Signature` is HMAC-SHA256 over time, dot and body under JINGTU_WEBHOOK_SECRET."""
    body = json.dumps({"id": one.pk, "at": one.at.isoformat(), **one.payload}, ensure_ascii=False).encode()
    now = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Jingtu-Time": now,
        "X-Jingtu-Signature": f"sha256={signature(now, body)}",
    }
    if urlsplit(one.target).scheme not in ("http", "https"):
        raise ValueError("webhook 应以 http:// 或 https:// 开头")
    asked = urllib.request.Request(one.target, body, headers, method="POST")  # noqa: S310
    with urllib.request.build_opener(_NoRedirect).open(asked, timeout=PATIENCE_S) as answer:
        answer.read(1)


def signature(now: str, body: bytes) -> str:
    """What the receiver works out too, and refuses an old `now`."""
    secret = settings.JINGTU_WEBHOOK_SECRET.encode()
    return hmac.new(secret, now.encode() + b"." + body, hashlib.sha256).hexdigest()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Who redirects would send what is signed to another place."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None
