"""Made-up styles: any known headers of one language in any mixture, beside columns that are beside the point."""

from hypothesis import strategies as st
from style_writing import Style
from styles import columns

from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS, HEADERS_BY_LANGUAGE

_FIELDS = {
    "mrn": "mrn",
    "birth_date": "born",
    "given_on": "given_on",
    "product": "product",
    "units": "units",
    "units_wasted": "wasted",
    "lot": "lot",
    "lot_expires_on": "expires",
    "diagnosis": "diagnosis",
    "icd10": "code",
    "provider_name": "provider",
    "phone": "phone",
    "email": "email",
}
_DATES = {
    Language.ENGLISH: ("%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%B %d, %Y", "%m/%d/%y"),
    Language.GERMAN: ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"),
    Language.FRENCH: ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"),
    Language.SPANISH: ("%d/%m/%Y", "%d-%m-%y", "%Y-%m-%d"),
}
# Columns that are about something else than this treatment, however near their names come.
BESIDE_THE_POINT = columns(
    'Next Appt Date=later; Last Treatment Date=earlier; Date Entered=later; Insurance ID="XZK10293; Sex="F; '
    'Referring Provider="Dr. Pat Other; Units Billed="200; Units Remaining="45; Auth #="77120; '
    'NDC="0023-1145-01; Amount Paid="1240.00; Guarantor Name="SMITH, Pat; Copay="25; Age=age; '
    'Nächster Termin=later; Krankenkasse="AOK; Überweiser="Dr. Kim Anders; Erstellt am=later; '
    'Prochain rendez-vous=later; Mutuelle="MGEN; Próxima cita=later; Aseguradora="Sanitas; Precio="310,50'
)


@st.composite
def made_up_styles(draw: st.DrawFn) -> Style:
    """Any known headers of one language in any order, under any delimiter, with dates and numbers of any form."""
    language = draw(st.sampled_from(Language))
    vocabulary = HEADERS_BY_LANGUAGE[language]
    left_out = draw(
        st.sets(st.sampled_from(("units_wasted", "lot_expires_on", "provider_name", "phone", "email")))
    )
    left_out |= draw(st.sampled_from((set(), {"diagnosis"}, {"icd10"})))
    cells = {field: what for field, what in _FIELDS.items() if field not in left_out}
    cells |= draw(
        st.sampled_from(({"patient_name": "name"}, {"family_name": "family", "given_name": "given"}))
    )
    headers = {
        field: draw(
            st.sampled_from(
                [
                    name.strip()
                    for tier in vocabulary.get(field, FIELD_HEADERS[field])
                    for name in tier.split("|")
                ]
            )
        )
        for field in cells
    }
    comma = language is not Language.ENGLISH and draw(st.booleans())
    told = [(headers[field], cells[field]) for field in sorted(cells)]
    beside = draw(st.lists(st.sampled_from(BESIDE_THE_POINT), max_size=5, unique=True))
    return Style(
        "made up",
        tuple(draw(st.permutations([*told, *beside]))),
        language=language.value,
        delimiter=draw(st.sampled_from((",", ";", "\t", "|", "^"))),
        encoding=draw(st.sampled_from(("utf-8", "utf-8-sig", "cp1252", "utf-16"))),
        dates=draw(st.sampled_from(_DATES[language])),
        decimals="," if comma else ".",
        thousands=draw(st.sampled_from(("", ".", " ") if comma else ("", ",", "'"))),
        units_word=draw(st.sampled_from(("", " U", "u", " IE", " UI"))),
        title=draw(st.sampled_from(((), ("Injection log",), ("Praxis", "Liste vom 20.11.2026")))),
        total=draw(st.booleans()),
        workbook=draw(st.booleans()) and draw(st.booleans()),
    )
