"""The header names clinics use, and how a header is compared. Choosing columns lives in `columns`."""

import unicodedata

# Each field has one or more tiers of names divided by "|", the most telling tier first. A name of a later
# tier is used only where none of an earlier tier stands in the header, so "Date" never competes with "DOS".
FIELD_HEADERS: dict[str, tuple[str, ...]] = {
    "mrn": (
        "MRN | MRN # | MRN No | MRN Number | Medical Record Number | Medical Record No | "
        "Medical Record # | Medical Record | Med Rec # | Med Rec No | Patient MRN | Chart # | "
        "Chart No | Chart Number | Chart ID | Chart | Patient ID | Patient # | Patient No | "
        "Patient Number | Pt ID | Pt # | Pt Number | PatientIdentifier | Patient Identifier | EMPI | "
        "Hospital Number",
        "ID | Record # | Record Number | Account # | Account Number | Acct #",
    ),
    "patient_name": (
        "Patient | Patient Name | Patient Full Name | Pt Name | Pt | Name of Patient | "
        "Patient Name (Last, First) | Patient (Last, First)",
        "Name | Full Name | Name (Last, First) | Last, First",
    ),
    "family_name": (
        "Last Name | Last | Family Name | Surname | Patient Last Name | Patient Last | "
        "Pt Last Name | LName | Family",
    ),
    "given_name": (
        "First Name | First | Given Name | Given | Forename | Patient First Name | Patient First | "
        "Pt First Name | FName | First Name MI",
    ),
    "birth_date": (
        "DOB | D.O.B. | Date of Birth | Birth Date | Birthdate | Birthday | Patient DOB | Pt DOB | "
        "Born | Patient Date of Birth | Birth",
    ),
    "phone": (
        "Mobile | Mobile Phone | Mobile Number | Mobile # | Cell | Cell Phone | Cell Number | "
        "Cell # | Cellphone",
        "Phone | Phone Number | Phone # | Phone No | Patient Phone | Pt Phone | Telephone | "
        "Telephone Number | Tel | Contact Number | Contact Phone | Primary Phone | Preferred Phone",
        "Home Phone | Home Telephone | Phone (Home)",
        "Work Phone | Phone (Work)",
    ),
    "email": ("Email | E-mail | Email Address | E-mail Address | Patient Email | Pt Email | Mail",),
    "diagnosis": (
        "Diagnosis | Indication | Dx | Diagnosis Description | Dx Description | Diagnosis Name | "
        "Dx Name | Treated For",
        "Condition | Reason | Reason for Visit | Problem",
    ),
    "icd10": (
        "ICD-10 | ICD10 | ICD-10 Code | ICD-10-CM | ICD-10-CM Code | ICD 10 Dx | "
        "ICD-10 Diagnosis Code | ICD | ICD Code | Dx Code | Diagnosis Code | Dx Codes | "
        "Diagnosis Codes | ICD Codes | ICD-10 Codes | Dx ICD-10",
        "Code",
    ),
    "product": (
        "Product | Drug | Toxin | Product Name | Drug Name | Toxin Type | Medication | "
        "Medication Name | Neurotoxin | Brand | Toxin Product | Botulinum Toxin | Toxin Brand",
        "Med | Agent | Type of Toxin | HCPCS",
    ),
    "given_on": (
        "Date of Service | DOS | Service Date | Treatment Date | Date of Treatment | "
        "Injection Date | Date of Injection | Date Injected | Date Given | Date Administered | "
        "Administered On | Given On | Procedure Date | Date of Procedure | Tx Date | Inj Date",
        "Visit Date | Date of Visit | Encounter Date | Appointment Date | Appt Date",
        "Date",
    ),
    "units": (
        "Units | Units Given | Units Injected | Units Administered | Units Used | Total Units | "
        "Dose (Units) | Dose Units | Units (U) | Total Units Injected | # Units | No. of Units | "
        "Number of Units",
        "Dose | Total Dose | Dose Given | Dosage | Amount Given",
    ),
    "units_wasted": (
        "Units Wasted | Waste | Wasted | Wastage | Units Waste | Wasted Units | Waste Units | "
        "Waste (U) | Units Discarded | Discarded | Discarded Units | JW | JW Units",
    ),
    "lot": (
        "Lot | Lot # | Lot No | Lot Number | Batch | Batch # | Batch No | Batch Number | Lot/Batch | "
        "Vial Lot | Lot #s",
    ),
    "lot_expires_on": (
        "Exp | Expiry | Expiration | Exp Date | Exp. Date | Expiry Date | Expiration Date | "
        "Expires | Expires On | Lot Exp | Lot Expiry | Lot Expiration | Lot Exp Date | "
        "Lot Expiration Date | Use By | Vial Exp",
    ),
    "provider_name": (
        "Provider | Injector | Physician | Provider Name | Injecting Provider | "
        "Injecting Physician | Rendering Provider | Treating Provider | Treating Physician | "
        "Injected By | Physician Name | Injector Name",
        "Doctor | Clinician | MD | Given By | Administered By | Practitioner",
    ),
    "location": (
        "Location | Clinic | Clinic Location | Clinic Name | Facility | Office | Service Location | "
        "Clinic Site",
        "Site | Place of Service | Department | Dept",
    ),
    "notes": ("Notes | Comments | Note | Comment | Remarks | Remark | Visit Notes | Free Text | Memo",),
    "weight_kg": ("Weight (kg) | Weight kg | Wt (kg) | Wt kg | Weight in kg | Body Weight (kg) | Kg",),
    "weight_lb": ("Weight (lb) | Weight (lbs) | Weight lb | Wt (lb) | Wt (lbs) | Weight in lb | Lbs",),
    "weight": ("Weight | Wt | Body Weight | Patient Weight",),
    "outcome": ("Outcome | Treatment Outcome | Session Outcome | Completed? | Completion",),
    "site": ("Injection Site | Injection Sites | Muscle | Muscles | Muscle Injected",),
    "vial": ("Vial | Vial # | Vial No | Vial Number",),
    "is_approximate": ("About | Approximate | Approximate Date",),
    "kind": ("Kind | Visit Kind | Session Kind | Treatment Kind | Touch-up | Touch-up?",),
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
    "diagnosis": "diagnosis",
    "icd10": "ICD-10 code",
    "product": "product",
    "given_on": "date of service",
    "units": "units given",
}


def header_key(text: str) -> str:
    """A header without case, accents, spaces and punctuation: "Date-of Service:" becomes "dateofservice".

    Only "#" stays, as "number": a "Patient #" is not a "Patient".
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().replace("#", "number")
    return "".join(letter for letter in decomposed if letter.isalnum())


# header key -> (field, tier); tier 0 is the most telling.
RECOGNISED: dict[str, tuple[str, int]] = {
    header_key(name): (field, tier)
    for field, tiers in FIELD_HEADERS.items()
    for tier, names in enumerate(tiers)
    for name in names.split("|")
}


def recognised_fields(cells: tuple[str, ...], extra: frozenset[str] = frozenset()) -> int:
    """How many different fields (or headers named by a mapping, given as keys) a row of cells names."""
    keys = {header_key(cell) for cell in cells}
    return len({RECOGNISED[key][0] for key in keys if key in RECOGNISED} | (keys & extra))
