"""Made-up files in the styles of programs and clinics: which headers, in which order, and how cells are written.

None is a real export; each has what makes its kind hard to read.
"""

from made_up_clinic import MUSCLES
from style_writing import Style


def columns(text: str) -> tuple[tuple[str, str], ...]:
    """ "MRN=mrn; Name=name" as pairs."""
    return tuple(tuple(part.strip().rsplit("=", 1)) for part in text.split(";") if part.strip())  # type: ignore[misc]


ALL_MUSCLES = [muscle for own in MUSCLES.values() for muscle in own]
SITES = "; ".join(f"{muscle} (U)=@{muscle}" for muscle in ALL_MUSCLES)
SIDED_SITES = "; ".join(
    f"{short} {muscle}=@{muscle} {side}"
    for muscle in ALL_MUSCLES
    for short, side in (("L", "left"), ("R", "right"))
)

STYLES = (
    Style(
        "Epic",
        columns(
            "Pat MRN=mrn; Patient Name=name; Date of Birth=born; Sex=\"F; Adm Dt=given_on; CSN=\"90112233; "
            "Encounter Dx=diagnosis; Dx Code=code; Medication=product; Dose (Units)=units; Waste=wasted; "
            "Lot #=lot; Exp Dt=expires; Encounter Provider=provider; Department Name=\"NEUROLOGY VN"
        ),
        title=("Reporting Workbench: toxin administrations", "Run by: SYSTEM, page 1 of 1"),
        delimiter="^",
        total=True,
    ),
    Style(
        "athenahealth",
        columns(
            "patientid=mrn; patient lastname=family; patient firstname=given; patientdob=born; "
            "patient mobile phone=phone; svc date=given_on; svc dept=\"BAY NEURO; rndrng prvdr=provider; "
            "icd10 code=code; proccode=hcpcs; medication name=product; units administered=units; lot number=lot; "
            "expiration date=expires"
        ),
        line_end="\n",
    ),
    Style(
        "eClinicalWorks",
        columns(
            "Acct No=mrn; Patient Name=name; Patient DOB=born; Visit Date=given_on; Appt Provider=provider; "
            "Facility Name=\"Main; ICD Code=code; Drug Name=product; Dose=units; Lot No=lot; Expiry Date=expires; "
            "Comments=\"tolerated well"
        ),
        delimiter="\t",
        dates="%m-%d-%Y",
        units_word=" units",
    ),
    Style(
        "ModMed",
        columns(
            "MRN=mrn; Patient Last Name=family; Patient First Name=given; DOB=born; DOS=given_on; "
            "Diagnosis=diagnosis; ICD-10=code; Product=product; Units Used=units; Units Wasted=wasted; "
            "Lot Number=lot; Expiration Date=expires; Provider=provider; Location=\"Van Ness"
        ),
        encoding="utf-8-sig",
    ),
    Style(
        "NextGen",
        columns(
            "Person Nbr=mrn; Last Name=family; First Name=given; Birth Date=born; Enc Date=given_on; "
            "Enc Nbr=\"778812; Diag Code=code; Dx Desc=diagnosis; Med Name=product; Units Given=units; "
            "Lot Nbr=lot; Exp Dt=expires; Rendering Prov=provider"
        ),
        dates="%Y%m%d",
        delimiter="|",
    ),
    Style(
        "Nextech",
        columns(
            "Patient ID=mrn; Person Name=name; Birthdate=born; Appt Date=given_on; Primary Diagnosis=diagnosis; "
            "Product Used=product; Total Units=units; Amt Wasted=wasted; Lot Code=lot; Injector=provider; "
            "Email=email"
        ),
        names="{given} {family}",
        dates="%m/%d/%y",
    ),
    Style(
        "Open Dental",
        columns(
            "PatNum=mrn; LName=family; FName=given; Birthdate=born; WirelessPhone=phone; ProcDate=given_on; "
            "Diagnosis=diagnosis; DrugName=product; Units=units; LotNum=lot; ProvNum=\"3; Note=\"ok"
        ),
        dates="%Y-%m-%d",
        line_end="\n",
    ),
    Style(
        "Cerner",
        columns(
            "MRN=mrn; Patient Full Name=name; Birth Dt=born; Service Dt=given_on; Visit Diagnosis=diagnosis(code); "
            "Medication Administered=product; Admin Dose=units; Batch No=lot; Attending Physician=provider"
        ),
        dates="%d-%b-%Y %H:%M",
        encoding="utf-16",
        delimiter="\t",
    ),
    Style(
        "AdvancedMD",
        columns(
            "Chart #=mrn; Patient (Last, First)=name; D.O.B.=born; Svc Date=given_on; Dx 1=code; "
            "HCPCS=hcpcs; # Units=units; JW Units=wasted; Lot/Batch=lot; Rendering Provider=provider; Charge=\"1240.00"
        ),
        total=True,
    ),
    Style(
        "Practice by hand, toxin and lot together",
        columns(
            "Chart No=mrn; Patient=name; DOB=born; Date=given_on; Dx / ICD-10=diagnosis+code; "
            "Toxin/Lot=product+lot; Units/Waste=units+wasted; Injector=provider; Notes=\""
        ),
        title=("Bay Neurology", "Injection log 2024 to 2026", ""),
        encoding="cp1252",
    ),
    Style(
        "British",
        columns(
            "Hospital No=mrn; Surname=family; Forename=given; DOB=born; Date of injection=given_on; "
            "Indication=diagnosis; Brand=product; Dose=units; Batch No=lot; Use by=expires; Injected by=provider"
        ),
        dates="%d/%m/%Y",
        units_word="u",
    ),
    Style(
        "One row a vial",
        columns(
            "MRN=mrn; Patient=name; DOB=born; DOS=given_on; Diagnosis=diagnosis; Product=product; Vial #=vial; "
            "Units=units; Lot=lot; Exp=expires; Provider=provider"
        ),
        rows="vial",
    ),
    Style(
        "One row a muscle, side apart",
        columns(
            "MRN=mrn; Patient Name=name; DOB=born; Date of Service=given_on; Dx=diagnosis; Toxin=product; "
            "Muscle=muscle; Side=side; Units=units; Lot=lot; Provider=provider"
        ),
        rows="muscle",
        visit_totals=True,
        total=True,
    ),
    Style(
        "One row a muscle, side within",
        columns(
            "Patient #=mrn; Name (Last, First)=name; Birthdate=born; Injection Date=given_on; ICD-10=code; "
            "Drug=product; Site=sided_muscle; Dose (U)=units; Lot #=lot"
        ),
        rows="muscle",
        repeat_header_every=3,
    ),
    Style(
        "Units in columns by site",
        columns(
            f"MRN=mrn; Last Name=family; First Name=given; DOB=born; DOS=given_on; Dx=diagnosis; Product=product; "
            f"Lot=lot; {SITES}; Waste=wasted; Provider=provider"
        ),
    ),
    Style(
        "Units in columns by site and side, with their total",
        columns(
            f"MRN=mrn; Patient Name=name; DOB=born; DOS=given_on; Dx Code=code; Toxin=product; {SIDED_SITES}; "
            "Total Units=units; Lot=lot"
        ),
        workbook=True,
        title=("Units by muscle",),
    ),
    Style(
        "German, practice",
        columns(
            "Patientennummer=mrn; Nachname=family; Vorname=given; Geburtsdatum=born; Behandlungsdatum=given_on; "
            "Präparat=product; Einheiten=units; Verwurf=wasted; Charge=lot; Verfallsdatum=expires; "
            "Diagnose=diagnosis; Arzt=provider"
        ),
        language="de",
        delimiter=";",
        encoding="cp1252",
        dates="%d.%m.%Y",
        decimals=",",
        thousands=".",
        total=True,
        title=("Praxis am Park", "Injektionsliste vom 20.11.2026"),
    ),
    Style(
        "German, clinic by muscle",
        columns(
            "Pat.-Nr.=mrn; Name, Vorname=name; geb.=born; Datum=given_on; ICD-10-GM=code; Diagnose=diagnosis; "
            "Medikament=product; Muskel=muscle; Seite=side; Dosis (E)=units; Ch.-B.=lot; Behandler=provider"
        ),
        language="de",
        rows="muscle",
        visit_totals=True,
        delimiter=";",
        dates="%d.%m.%y",
        decimals=",",
        thousands=".",
        units_word=" E",
    ),
    Style(
        "Swiss",
        columns(
            "Patienten-ID=mrn; Name=family; Vorname=given; Geb.-Datum=born; Injektionsdatum=given_on; "
            "Indikation=diagnosis; Handelsname=product; Einheiten gesamt=units; Chargennummer=lot; Standort=\"Zürich"
        ),
        language="de",
        delimiter=";",
        encoding="utf-8-sig",
        dates="%d.%m.%Y",
        thousands="'",
        units_word=" IE",
    ),
    Style(
        "French, practice",
        columns(
            "N° dossier=mrn; Nom=family; Prénom=given; Date de naissance=born; Date d'injection=given_on; "
            "Diagnostic=diagnosis; Produit=product; Unités injectées=units; Reliquat=wasted; N° de lot=lot; "
            "Péremption=expires; Médecin=provider; Remarques=\""
        ),
        language="fr",
        delimiter=";",
        encoding="cp1252",
        dates="%d/%m/%Y",
        decimals=",",
        thousands=" ",
        units_word=" UI",
    ),
    Style(
        "French, hospital",
        columns(
            "IPP=mrn; Nom du patient=name; DDN=born; Date de la séance=given_on; CIM-10=code; "
            "Toxine / Lot=product+lot; Dose (UI)=units; Praticien=provider; Centre=\"CHU"
        ),
        language="fr",
        delimiter="\t",
        dates="%d/%m/%y",
        decimals=",",
        total=True,
    ),
    Style(
        "Spanish, clinic",
        columns(
            "Nº historia=mrn; Apellidos=family; Nombre=given; F. nacimiento=born; Fecha de infiltración=given_on; "
            "Diagnóstico=diagnosis; Toxina=product; Unidades=units; Lote=lot; Caducidad=expires; Médico=provider; "
            "Observaciones=\""
        ),
        language="es",
        delimiter=";",
        encoding="utf-8",
        dates="%d/%m/%Y",
        decimals=",",
        thousands=".",
        total=True,
    ),
    Style(
        "Mexican",
        columns(
            "Expediente=mrn; Apellidos y nombre=name; Fecha de nacimiento=born; Fecha de aplicación=given_on; "
            "CIE-10=code; Producto=product; Dosis (U)=units; Unidades descartadas=wasted; Lote=lot; "
            "Celular=phone"
        ),
        language="es",
        dates="%d-%m-%Y",
        thousands=",",
        workbook=True,
    ),
    Style(
        "Number beside the name",
        columns(
            "Patient (MRN)=name(mrn); DOB=born; Treatment Date=given_on; Diagnosis (ICD)=diagnosis(code); "
            "Neurotoxin=product; Units Injected=units; Batch=lot; Physician=provider"
        ),
        delimiter="~",
    ),
    Style(
        "Claims, without a date of birth",
        columns(
            "Account #=mrn; Patient Name=name; Age=age; DOS=given_on; Dx Code=code; HCPCS=hcpcs; Units=units; "
            "Paid=\"1100.00"
        ),
        lacks=("birth_date",),
    ),
    Style(
        "Study list, numbers nobody named",
        columns(
            "Ref=mrn; Patient Name=name; DOB=born; Date of Service=given_on; Diagnosis=diagnosis; "
            "Product=product; Volume=units; Lot=lot"
        ),
        lacks=("mrn", "units"),
    ),
)  # fmt: skip
