"""The only code that hands messages to SMTP or SMS; what to send, to whom and when is decided elsewhere."""

from .base import Attachment, Envelope, HandOver, HandOverRefused, Receipt, Sender, SendError
from .console import ConsoleSender
from .memory import MemorySender
from .smtp import SmtpSender
from .webhook import WebhookSender

__all__ = [
    "Attachment",
    "ConsoleSender",
    "Envelope",
    "HandOver",
    "HandOverRefused",
    "MemorySender",
    "Receipt",
    "SendError",
    "Sender",
    "SmtpSender",
    "WebhookSender",
]
