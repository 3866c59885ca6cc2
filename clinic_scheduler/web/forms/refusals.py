"""What a service refused, told at the field it is about and in the summary at the top of the page."""

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.web.forms.base import Form


def refused(form: Form, name: str, refusal: InvalidInput, safe: str) -> list[tuple[str, str]]:
    """The summary's lines; `safe` says what was not done, such as "Nothing was added"."""
    text = str(refusal)
    message = f"{text[:1].upper()}{text[1:]}. {safe}."
    form[name].errors = [message]
    return [(form[name].id, message)]


def whole_words(refusal: Exception, safe: str) -> str:
    """A refusal as sentences. An input says what is wrong with it alone, so what is `safe` is added."""
    if isinstance(refusal, BookingRefused):
        return refusal.summary
    text = str(refusal)
    if not isinstance(refusal, InvalidInput):
        return text
    return f"{text[:1].upper()}{text[1:].rstrip('.')}. {safe}."
