"""The only code that hands messages to SMTP or SMS; what to send, to whom and when is decided elsewhere."""

from .base import Attachment, Envelope, HandOver, HandOverRefused, Receipt, Sender, SendError
from .callbacks import TwilioCallbacks, WebhookCallbacks
from .console import ConsoleSender
from .failover import FailoverSender
from .memory import MemorySender
from .smtp import SmtpSender
from .webhook import WebhookSender

__all__ = [
    "Attachment",
    "ConsoleSender",
    "Envelope",
    "FailoverSender",
    "HandOver",
    "HandOverRefused",
    "MemorySender",
    "Receipt",
    "SendError",
    "Sender",
    "SmtpSender",
    "TwilioCallbacks",
    "WebhookCallbacks",
    "WebhookSender",
]
