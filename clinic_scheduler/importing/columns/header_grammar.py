"""Headers that nobody listed, read by their words: "UNITS_ADMIN", "Date of Tx", "Beh.-Datum". No list is ever whole.

Every word must be accounted for, so "Units billed" or "Date entered" mean nothing here.
"""

import re
from collections.abc import Sequence
from enum import Enum

from clinic_scheduler.importing.cells.body_words import plain_words


class Word(Enum):
    """What a word of a header is about. The value is its spellings without accents, in four languages."""

    FILLER = (
        "of the a for in on am an der die das des den von vom zur de du d la le l les del el en s y et und"
        " mm dd yyyy yy m jj aaaa tt"
    )
    ON = "on am du le el"
    DATE = "date dt datum dat fecha fec f jour day tag"
    SERVICE = (
        "service svc serv tx treatment treated inj injection injected procedure proc visit encounter enc appt"
        " appointment session administration admin administered beh behandlung behandlungs injektion injektions"
        " ordination ordinations sitzung applikation applikations seance soin soins traitement consultation acte"
        " intervention procedimiento tratamiento infiltracion inyeccion aplicacion administracion consulta visita"
        " sesion atencion"
    )
    BIRTH = "birth born dob birthdate geb geburt geburts geburtsdatum gebdat naiss naissance nac nacimiento"
    UNITS = "units unit u iu ie e einh einheit einheiten unites unite ui unidades unidad"
    DOSE = "dose dosis dosage menge"
    COUNT = "number num nb n no nr count anzahl nombre numero"
    GIVEN = (
        "admin administered adm given injected inj used total tot sum gesamt summe"
        " verabreicht injiziert injizierte appliziert injectees injectee administrees totales aplicadas"
        " administradas inyectadas utilizadas"
    )
    WASTE = (
        "waste wasted wastage discarded discard unused verwurf verworfen verworfene jetees perdues reliquat"
        " desechadas descartadas sobrantes"
    )
    LOT = "lot lots batch charge chargen chargennr ch lote"
    EXPIRY = "exp expiry expiration expires verfall verfalls verfallsdatum peremption caducidad vencimiento"
    TOXIN = (
        "toxin toxins botulinum neurotoxin drug medication med medicine product brand vial"
        " praparat praep prap medikament arznei arzneimittel arzneispezialitat toxine produit medicament toxina"
        " producto farmaco medicamento"
    )
    BRAND = "botox dysport xeomin bocouture myobloc daxxify"
    NAME = "name nm names desc description descr text bezeichnung nom nombre libelle descripcion full complete legal"
    PATIENT = "patient patients patienten pat pt person client paciente patientin subject"
    CHART = "mrn mr chart dossier historia hc nhc expediente ipp"
    RECORD = "record rec file akte akten kartei medical med"
    NUMBER = "id no nr number num nbr n numero nummer identifier code key"
    DIAGNOSIS = (
        "dx diagnosis diag dg indication diagnose indikation diagnostic diagnostico indicacion problem"
    )
    CODING = "icd icd10 cim cim10 cie cie10 code codes cd cm gm schlussel codigo 10"
    FIRST = "1 primary main principal prim haupt encounter visit tx treatment"
    FAMILY = "last family surname lname nachname familienname apellido apellidos"
    FORENAME = "first given forename fname vorname prenom nombre"
    PROVIDER = (
        "provider prov prv prvdr injector physician doctor dr clinician consultant rndrng rendering treating"
        " performing arzt behandler medecin praticien medico injecting"
    )


_ABOUT: dict[str, set[Word]] = {}
for _kind in Word:
    for _spelling in _kind.value.split():
        _ABOUT.setdefault(_spelling, set()).add(_kind)

# Field -> (kinds of which each must be there, kinds that may be there besides). The first that accounts for all wins.
_SENTENCES: tuple[tuple[str, Sequence[Word], Sequence[Word]], ...] = (
    (
        "units_wasted",
        (Word.WASTE,),
        (Word.UNITS, Word.DOSE, Word.COUNT, Word.GIVEN, Word.TOXIN, Word.BRAND),
    ),
    ("lot_expires_on", (Word.EXPIRY,), (Word.DATE, Word.LOT, Word.TOXIN)),
    ("lot", (Word.LOT,), (Word.NUMBER, Word.TOXIN, Word.BRAND)),
    ("birth_date", (Word.BIRTH,), (Word.DATE, Word.PATIENT)),
    ("given_on", (Word.DATE, Word.SERVICE), (Word.PATIENT,)),
    ("given_on", (Word.SERVICE, Word.ON), ()),
    ("icd10", (Word.DIAGNOSIS, Word.CODING), (Word.FIRST, Word.NUMBER, Word.PATIENT)),
    ("icd10", (Word.CODING,), (Word.FIRST, Word.NUMBER)),
    ("diagnosis", (Word.DIAGNOSIS,), (Word.NAME, Word.FIRST, Word.PATIENT)),
    ("provider_name", (Word.PROVIDER,), (Word.NAME,)),
    ("patient_name", (Word.FAMILY, Word.FORENAME), (Word.NAME, Word.PATIENT)),
    ("family_name", (Word.FAMILY,), (Word.NAME, Word.PATIENT)),
    ("given_name", (Word.FORENAME,), (Word.NAME, Word.PATIENT)),
    ("mrn", (Word.PATIENT, Word.NUMBER), (Word.RECORD, Word.CHART)),
    ("mrn", (Word.CHART,), (Word.NUMBER, Word.PATIENT, Word.RECORD)),
    ("mrn", (Word.RECORD, Word.NUMBER), (Word.PATIENT, Word.RECORD)),
    ("patient_name", (Word.NAME, Word.PATIENT), ()),
    ("units", (Word.UNITS,), (Word.DOSE, Word.COUNT, Word.GIVEN, Word.TOXIN, Word.BRAND)),
    ("units", (Word.DOSE,), (Word.UNITS, Word.GIVEN, Word.TOXIN, Word.BRAND)),
    ("product", (Word.TOXIN,), (Word.NAME,)),
)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
# One letter says too little by itself.
_FEWEST_LETTERS = 2


def field_said(header: str) -> str | None:
    """The field that all words of a header together name; None where a word is about something else."""
    words = [
        word.replace("#", "no")
        for word in re.findall(r"[^\W\d_]+10|[^\W\d_]+|\d+|#", plain_words(_CAMEL.sub(" ", header)))
    ]
    told = [word for word in words if _ABOUT.get(word) != {Word.FILLER}]
    if not told or sum(map(len, told)) < _FEWEST_LETTERS or any(word not in _ABOUT for word in told):
        return None
    return next((name for name, must, may in _SENTENCES if _accounts(told, must, may)), None)


def _accounts(words: Sequence[str], must: Sequence[Word], may: Sequence[Word]) -> bool:
    """Whether each kind that must be there has a word of its own, and every other word is of a kind that may be."""
    left = list(words)
    for kind in must:
        own = next((word for word in left if kind in _ABOUT[word]), None)
        if own is None:
            return False
        left.remove(own)
    allowed = {*must, *may, Word.FILLER}
    return all(_ABOUT[word] & allowed for word in left)
