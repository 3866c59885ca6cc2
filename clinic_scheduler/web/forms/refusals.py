"""What a service refused, told at the field it is about and in the summary at the top of the page."""

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.web.forms.base import Form


def refused(form: Form, name: str, refusal: InvalidInput, safe: str) -> list[tuple[str, str]]:
    """The summary's lines; `safe` says what was not done, such as "Nothing was added"."""
    text = str(refusal)
    message = f"{text[:1].upper()}{text[1:]}. {safe}."
    form[name].errors = [message]
    return [(form[name].id, message)]


def whole_words(text: str, safe: str) -> str:
    """A refusal as sentences, with what is `safe` where it does not say so itself."""
    text = f"{text[:1].upper()}{text[1:]}"
    return text if "Nothing was" in text else f"{text.rstrip('.')}. {safe}."
