"""What Twilio's refusals and error codes mean for a text; the conversation itself is in sms_twilio.py."""

from .base import SendError

OPTED_OUT = 21610
# About this recipient: not a number, not a mobile one, not reachable from here, gone, or blocked for good.
_BAD_NUMBER = frozenset(
    {21211, 21214, 21217, 21265, 21401, 21407, 21421, 21608, 21612, 21614, 30003, 30005, 30006}
)
_LATER = frozenset({14107, 20429, 21611, 30001, 30022, 30027})


def refusal(status: int, code: int | None) -> SendError:
    """The error for an answer that is no success; `code` is Twilio's own, None where its JSON was not there."""
    if code == OPTED_OUT:
        return SendError("opted_out", permanent=True)
    if status == 429 or code in _LATER:
        return SendError(
            f"Twilio put the text off ({code or status}). Nothing was sent; it can be tried again.",
            permanent=False,
        )
    if status >= 500 or code is None:
        return unclear(f"{status}")
    if code in _BAD_NUMBER:
        return SendError(
            f"Twilio can't send texts to this number ({code}). Nothing was sent.", permanent=True
        )
    if status == 400:
        return SendError(f"Twilio refused the text ({code}). Nothing was sent.", permanent=True)
    # 401, 403, 404 and the like are about the account, not about the recipient.
    return SendError(
        f"Twilio refused the account's request ({status}, {code}): check the Twilio settings. "
        "Nothing was sent; it can be tried again.",
        permanent=False,
    )


def unclear(how: str) -> SendError:
    """Twilio had the request; what it answered proves nothing."""
    return SendError(
        f"Twilio's answer was no clear one ({how}). The text may have been taken; "
        "it is looked up before it is sent again.",
        permanent=False,
        ambiguous=True,
    )
