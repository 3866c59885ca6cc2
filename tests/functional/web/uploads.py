"""A small log to upload, and how a browser sends one and waits until it is read."""

import io
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.functional.web.conftest import Visitor

HEADER = "MRN,Last Name,First Name,DOB,Diagnosis,Product,DOS,Units,Lot,Provider\n"
LOG = HEADER + (
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,6/19/2026,155,C1,Dr Amara Reid\n"
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,9/21/2026,155,C2,Dr New Person\n"
    "N-2,Santos,Bea,1971-02-03,Chronic migraine,Botox,9/22/2026,=1+1,C2,Dr New Person\n"
    "N-3,Harris,Tom,1969-07-08,Chronic migraine,Botox,9/23/2026,155,C2,\n"
    "A-100,Okonkwo,Adaeze,1999-01-01,Chronic migraine,Botox,9/24/2026,155,C2,\n"
)


def send(
    admin: Visitor, content: str, name: str = "log.csv", mapping: str | None = None, look: bool = False
) -> TestResponse:
    """`look`: by the button that asks to look at the columns first."""
    admin.get("/imports")
    fields: dict[str, Any] = {
        "csrf_token": admin.token,
        "log": FileStorage(io.BytesIO(content.encode()), name),
    }
    if look:
        fields["look"] = "y"
    if mapping is not None:
        fields["mapping"] = FileStorage(io.BytesIO(mapping.encode()), "mapping.json")
    # Encoded here, since the test client keeps what is large in a file that it does not close.
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return read_to_its_end(admin, admin.client.post("/imports", data=body, content_type=kind))


def read_to_its_end(admin: Visitor, answer: TestResponse) -> TestResponse:
    """What the page that waits for the reading comes to."""
    while answer.location == "/imports/reading" or "data-reading" in answer.text:
        answer = admin.get("/imports/reading")
    return answer


def kept(app: Flask) -> list[Path]:
    return sorted((app.extensions["clinic"].settings.data_dir / "uploads").glob("*"))
