"""The header names clinics use, and how a header is compared. Choosing columns lives in `guessing`."""

import unicodedata
from dataclasses import dataclass

from clinic_scheduler.importing.columns.header_words import FRENCH, GERMAN, SPANISH, Language

# Each field has one or more tiers of names divided by "|", the most telling tier first. A name of a later
# tier is used only where none of an earlier tier stands in the header, so "Date" never competes with "DOS".
FIELD_HEADERS: dict[str, tuple[str, ...]] = {
    "mrn": (
        "MRN | MRN # | MRN No | MRN Number | Medical Record Number | Medical Record No | "
        "Medical Record # | Medical Record | Med Rec # | Med Rec No | Patient MRN | Chart # | "
        "Chart No | Chart Number | Chart ID | Chart | Patient ID | Patient # | Patient No | "
        "Patient Number | Pt ID | Pt # | Pt Number | PatientIdentifier | Patient Identifier | EMPI | "
        "Hospital Number | Hospital No | Pat MRN | Pat MRN ID | MR # | MR No | MR Number | Chart Nbr | "
        "Med Rec Nbr | Medical Rec Nbr | PatNum | Pat ID | Pat # | Patient Nbr | Person Nbr | "
        "Person Number | Pt No | Patient Chart # | Patient Chart Number",
        "ID | Record # | Record Number | Account # | Account Number | Acct # | Acct No | Account No | "
        "Acct Number | Acct Nbr | Patient Account # | Patient Acct No | Client ID | Client #",
    ),
    "patient_name": (
        "Patient | Patient Name | Patient Full Name | Pt Name | Pt | Name of Patient | "
        "Patient Name (Last, First) | Patient (Last, First) | Pat Name | Person Name | Patient Nm",
        "Name | Full Name | Name (Last, First) | Last, First",
    ),
    "family_name": (
        "Last Name | Last | Family Name | Surname | Patient Last Name | Patient Last | "
        "Pt Last Name | LName | Family | Pat Last Name | Legal Last Name | Person Last Name",
    ),
    "given_name": (
        "First Name | First | Given Name | Given | Forename | Patient First Name | Patient First | "
        "Pt First Name | FName | First Name MI | Pat First Name | Legal First Name | Person First Name",
    ),
    "birth_date": (
        "DOB | D.O.B. | Date of Birth | Birth Date | Birthdate | Birthday | Patient DOB | Pt DOB | "
        "Born | Patient Date of Birth | Birth | Pat DOB | Birth Dt | Patient Birth Date | Patient Birthdate | "
        "Person DOB",
    ),
    "phone": (
        "Mobile | Mobile Phone | Mobile Number | Mobile # | Cell | Cell Phone | Cell Number | "
        "Cell # | Cellphone | Mobile No | Wireless Phone",
        "Phone | Phone Number | Pat Phone | Phone # | Phone No | Patient Phone | Pt Phone | Telephone | "
        "Telephone Number | Tel | Contact Number | Contact Phone | Primary Phone | Preferred Phone",
        "Home Phone | Home Telephone | Phone (Home)",
        "Work Phone | Phone (Work)",
    ),
    "email": ("Email | E-mail | Email Address | E-mail Address | Patient Email | Pt Email | Mail",),
    "diagnosis": (
        "Diagnosis | Indication | Dx | Diagnosis Description | Dx Description | Diagnosis Name | "
        "Dx Name | Treated For | Encounter Dx | Encounter Diagnosis | Enc Dx | Primary Dx | "
        "Primary Diagnosis | Dx Desc | Diagnosis Desc | Diag | Visit Diagnosis",
        "Condition | Reason | Reason for Visit | Problem",
    ),
    "icd10": (
        "ICD-10 | ICD10 | ICD-10 Code | ICD-10-CM | ICD-10-CM Code | ICD 10 Dx | "
        "ICD-10 Diagnosis Code | ICD | ICD Code | Dx Code | Diagnosis Code | Dx Codes | "
        "Diagnosis Codes | ICD Codes | ICD-10 Codes | Dx ICD-10 | Diag Code | Diag Cd | Dx Cd | "
        "Primary ICD-10 | Primary Dx Code | Primary Diagnosis Code | Encounter Dx Code | Dx 1",
        "Code",
    ),
    "product": (
        "Product | Drug | Toxin | Product Name | Drug Name | Toxin Type | Medication | "
        "Medication Name | Neurotoxin | Brand | Toxin Product | Botulinum Toxin | Toxin Brand | "
        "Drug Administered | Medication Administered | Medication Given | Toxin Used | Toxin Name | "
        "Product Used | Product Administered | Neuromodulator | Med Name | Drug Desc",
        "Med | Agent | Type of Toxin | HCPCS | HCPCS Code | J Code | J-Code",
        "Procedure Code | Proc Code",
    ),
    "given_on": (
        "Date of Service | DOS | Service Date | Treatment Date | Date of Treatment | "
        "Injection Date | Date of Injection | Date Injected | Date Given | Date Administered | "
        "Administered On | Given On | Procedure Date | Date of Procedure | Tx Date | Inj Date | Svc Date | "
        "Service Dt | Svc Dt | Date of Svc | DOS From | Admin Date | Administration Date | Admin Dt | "
        "Injected On | Treated On | Date Treated | Proc Date | Inj Dt | Tx Dt",
        "Visit Date | Date of Visit | Encounter Date | Appointment Date | Appt Date | Enc Date | Enc Dt | "
        "Encounter Dt | Visit Dt | Adm Dt | Appt Dt | Contact Date | Session Date | Date of Encounter",
        "Date",
    ),
    "units": (
        "Units | Units Given | Units Injected | Units Administered | Units Used | Total Units | "
        "Dose (Units) | Dose Units | Units (U) | Total Units Injected | # Units | No. of Units | "
        "Number of Units | Units Inj | Dose (U) | Total Dose (U) | Total Dose (Units) | Total Units Given | "
        "Total Units Used | Total Units Administered",
        "Dose | Total Dose | Dose Given | Dosage | Amount Given | Dose Administered | Admin Dose | "
        "Dose Amount | Amount Administered",
    ),
    "units_wasted": (
        "Units Wasted | Waste | Wasted | Wastage | Units Waste | Wasted Units | Waste Units | "
        "Waste (U) | Units Discarded | Discarded | Discarded Units | JW | JW Units | Amount Wasted | "
        "Amt Wasted | Waste Amount | Unused Units | Wastage (U) | Discard",
    ),
    "lot": (
        "Lot | Lot # | Lot No | Lot Number | Batch | Batch # | Batch No | Batch Number | Lot/Batch | "
        "Vial Lot | Lot #s | Lot Nbr | Lot Num | Lot Code | Vial Lot # | Product Lot | Drug Lot | Toxin Lot",
    ),
    "lot_expires_on": (
        "Exp | Expiry | Expiration | Exp Date | Exp. Date | Expiry Date | Expiration Date | "
        "Expires | Expires On | Lot Exp | Lot Expiry | Lot Expiration | Lot Exp Date | "
        "Lot Expiration Date | Use By | Vial Exp | Exp Dt | Lot Exp Dt | Expiration Dt",
    ),
    "provider_name": (
        "Provider | Injector | Physician | Provider Name | Injecting Provider | "
        "Injecting Physician | Rendering Provider | Treating Provider | Treating Physician | "
        "Injected By | Physician Name | Injector Name | Rendering Prov | Prov Name | Performing Provider | "
        "Administering Provider | Servicing Provider | Service Provider | Attending Provider | "
        "Attending Physician | Encounter Provider | Appointment Provider | Appt Provider",
        "Doctor | Clinician | MD | Given By | Administered By | Practitioner | Attending | Prov | Dr",
    ),
    "location": (
        "Location | Clinic | Clinic Location | Clinic Name | Facility | Office | Service Location | "
        "Clinic Site | Location Name | Practice Location | Svc Dept | Service Department | Department Name | "
        "Facility Name | Enc Location",
        "Site | Place of Service | Department | Dept | Practice | Branch",
    ),
    "notes": ("Notes | Comments | Note | Comment | Remarks | Remark | Visit Notes | Free Text | Memo",),
    "weight_kg": ("Weight (kg) | Weight kg | Wt (kg) | Wt kg | Weight in kg | Body Weight (kg) | Kg",),
    "weight_lb": ("Weight (lb) | Weight (lbs) | Weight lb | Wt (lb) | Wt (lbs) | Weight in lb | Lbs",),
    "weight": ("Weight | Wt | Body Weight | Patient Weight",),
    "outcome": ("Outcome | Treatment Outcome | Session Outcome | Completed? | Completion",),
    "status": (
        "Status | Visit Status | Appointment Status | Appt Status | Encounter Status | MAR Action | "
        "Administration Status | Admin Status",
    ),
    "is_approximate": ("About | Approximate | Approximate Date",),
    "known_from": ("Known From",),
    "kind": ("Kind | Visit Kind | Session Kind | Treatment Kind | Touch-up | Touch-up?",),
    "muscle": (
        "Muscle | Muscles | Muscle Injected | Injected Muscle | Muscle Name | Target Muscle | Muscle/Site | "
        "Injection Site | Injection Sites | Inj Site | Site Injected | Injection Location | Site/Muscle",
    ),
    "side": ("Side | Laterality | Side of Body | L/R | R/L | Left/Right | Right/Left",),
    "vial": ("Vial | Vial # | Vial No | Vial Number | Vial Nbr | Vial ID",),
    "limb": (
        "Limb | Limb Treated | Affected Limb | Treated Limb | Extremity | Extremity Treated",
        "Region | Body Region | Body Part | Treatment Area | Area Treated",
    ),
}

HEADERS_BY_LANGUAGE: dict[Language, dict[str, tuple[str, ...]]] = {
    Language.ENGLISH: FIELD_HEADERS,
    Language.GERMAN: GERMAN,
    Language.FRENCH: FRENCH,
    Language.SPANISH: SPANISH,
}

DATE_FIELDS = ("birth_date", "given_on", "lot_expires_on")

# A table must name all of these; names and diagnosis may stand in more than one form (see `columns`).
REQUIRED_FIELDS = ("mrn", "birth_date", "product", "given_on", "units")

FIELD_LABELS: dict[str, str] = {
    "mrn": "MRN (patient number)",
    "patient_name": "patient name",
    "family_name": "family name",
    "given_name": "given name",
    "birth_date": "date of birth",
    "phone": "phone",
    "email": "email",
    "diagnosis": "diagnosis",
    "icd10": "ICD-10 code",
    "product": "product",
    "given_on": "date of service",
    "units": "units given",
    "site_units": "units at one site",
    "units_wasted": "units wasted",
    "lot": "lot",
    "lot_expires_on": "lot expires",
    "provider_name": "provider",
    "location": "place",
    "notes": "notes",
    "weight_kg": "weight in kg",
    "weight_lb": "weight in lb",
    "weight": "weight",
    "outcome": "outcome",
    "status": "status",
    "kind": "kind of visit",
    "is_approximate": "date is approximate",
    "known_from": "known from",
    "muscle": "muscle or site",
    "side": "side",
    "vial": "vial",
    "limb": "limb",
}


_WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def header_key(text: str) -> str:
    """A header without case, accents, spaces and punctuation: "Date-of Service:" becomes "dateofservice".

    Only "#" stays, as "number": a "Patient #" is not a "Patient".
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().replace("#", "number")
    return "".join(letter for letter in decomposed if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Known:
    """What a header name means. Tier 0 is the most telling; `languages` are those that write it so."""

    field: str
    tier: int
    languages: frozenset[Language]


def _spellings(name: str) -> tuple[str, ...]:
    """As written, and as where the keyboard has no umlauts: "Präparat", "Praeparat"."""
    return name, name.translate(_WITHOUT_UMLAUTS)


def _known() -> dict[str, Known]:
    known: dict[str, Known] = {}
    for language, fields in HEADERS_BY_LANGUAGE.items():
        for field, tiers in fields.items():
            for tier, names in enumerate(tiers):
                for key in {
                    header_key(spelling) for name in names.split("|") for spelling in _spellings(name)
                }:
                    before = known.get(key, Known(field, tier, frozenset()))
                    known[key] = Known(before.field, before.tier, before.languages | {language})
    return known


# header key -> what it means, in any of the languages.
RECOGNISED = _known()
