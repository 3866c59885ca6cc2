"""The header names of German, French and Spanish logs, as data. English ones and comparing live in `headers`."""

from enum import StrEnum


class Language(StrEnum):
    """In what language a file's header is written."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"
    SPANISH = "es"

    @property
    def label(self) -> str:
        return self.name.capitalize()


# Tiers and "|" as in headers.FIELD_HEADERS: a vaguer name counts only where no better one stands in the header.
GERMAN: dict[str, tuple[str, ...]] = {
    "mrn": (
        "Patientennummer | Patienten-Nr. | Patient-Nr. | Patient Nr. | Pat.-Nr. | Pat.-Nummer | "
        "Patienten-ID | Pat.-ID | Patientenkennung | Patienten-Kennung",
        "Kartei-Nr. | Karteinummer | Akten-Nr. | Aktennummer | Kartennummer",
        "Nr. | Nummer",
    ),
    "patient_name": (
        "Patientenname | Name des Patienten | Name der Patientin | Name, Vorname | Nachname, Vorname | "
        "Vorname Nachname | Patient/in | Patientin | Vor- und Nachname",
    ),
    "family_name": ("Nachname | Familienname | Zuname | Nachname Patient",),
    "given_name": ("Vorname | Vornamen | Rufname",),
    "birth_date": (
        "Geburtsdatum | Geb.-Datum | Geb.-Dat. | Geb. Datum | Geburtstag | geb. am | geb. | Geboren | "
        "Geboren am | Geburt",
    ),
    "phone": (
        "Mobil | Mobiltelefon | Handy | Handynummer | Mobilnummer | Handy-Nr.",
        "Telefon | Telefonnummer | Tel.-Nr. | Telefon-Nr. | Rufnummer | Tel. Nr.",
        "Telefon privat",
    ),
    "email": ("E-Mail-Adresse | Mailadresse | Mail-Adresse",),
    "diagnosis": (
        "Diagnose | Indikation | Diagnosetext | Diagnosebezeichnung | Hauptdiagnose | Krankheitsbild",
        "Behandlungsgrund | Erkrankung",
    ),
    "icd10": (
        "ICD-10-GM | ICD-Schlüssel | ICD-10-Schlüssel | Diagnoseschlüssel | Diagnosecode | "
        "Diagnoseziffer | ICD-Nr.",
    ),
    "product": (
        "Präparat | Praeparat | Präparatname | Botulinumtoxin | Handelsname | Arzneimittel | Medikament | "
        "Toxinpräparat",
        "Wirkstoff | Produkt | Substanz | Mittel",
    ),
    "given_on": (
        "Behandlungsdatum | Injektionsdatum | Datum der Behandlung | Datum der Injektion | Behandelt am | "
        "Injiziert am | Behandlungstag | Applikationsdatum | Leistungsdatum | Verabreicht am",
        "Besuchsdatum | Termindatum | Termin | Konsultationsdatum",
        "Datum | Tag",
    ),
    "units": (
        "Einheiten | Einheiten gesamt | Gesamteinheiten | Injizierte Einheiten | Einheiten (E) | "
        "Einheiten (IE) | Anzahl Einheiten | IE | I.E. | Dosis (E) | Dosis (IE) | Dosis in Einheiten | "
        "Verabreichte Einheiten | Applizierte Einheiten",
        "Dosis | Gesamtdosis",
    ),
    "units_wasted": (
        "Verwurf | Verworfen | Verworfene Einheiten | Verwurf (E) | Verwurf (IE) | Rest verworfen | "
        "Entsorgte Einheiten | Einheiten verworfen",
    ),
    "lot": (
        "Charge | Chargennummer | Chargen-Nr. | Charge-Nr. | Ch.-B. | Ch.-Nr. | Chargenbezeichnung | Losnummer",
    ),
    "lot_expires_on": (
        "Verfallsdatum | Verfalldatum | Verfall | Haltbar bis | Verw. bis | Verwendbar bis | Ablaufdatum",
    ),
    "provider_name": (
        "Arzt | Ärztin | Behandler | Behandelnder Arzt | Behandelnde Ärztin | Arzt/Ärztin | "
        "Injizierender Arzt | Injiziert von | Durchgeführt von | Behandler/in",
    ),
    "location": ("Standort | Praxis | Klinik | Filiale | Behandlungsort | Ambulanz", "Ort | Abteilung"),
    "notes": (
        "Bemerkung | Bemerkungen | Notiz | Notizen | Anmerkung | Anmerkungen | Kommentar | Kommentare",
    ),
    "weight_kg": ("Gewicht (kg) | Gewicht in kg | Körpergewicht (kg) | Körpergewicht in kg",),
    "weight": ("Gewicht | Körpergewicht",),
    "kind": ("Behandlungsart | Art der Behandlung",),
    "muscle": (
        "Muskel | Muskeln | Zielmuskel | Injektionsstelle | Injizierter Muskel | Injektionsort | Muskelname",
    ),
    "side": ("Seite | Körperseite | Re/Li | Rechts/Links",),
    "vial": ("Fläschchen | Fläschchen-Nr. | Ampulle | Ampullen-Nr. | Durchstechflasche | Vial-Nr.",),
    "limb": ("Extremität | Gliedmaße", "Körperregion"),
}

FRENCH: dict[str, tuple[str, ...]] = {
    "mrn": (
        "N° patient | No patient | Numéro patient | Numéro de patient | Numéro du patient | N° de patient | "
        "N° dossier | N° de dossier | No de dossier | Numéro de dossier | IPP | Identifiant patient | "
        "Code patient",
        "Dossier | Identifiant | Matricule",
    ),
    "patient_name": (
        "Nom du patient | Nom de la patiente | Nom et prénom | Nom, prénom | Nom prénom | Nom complet | "
        "Prénom et nom | Patient(e) | Patiente | Nom patient",
    ),
    "family_name": ("Nom | Nom de famille | Nom usuel | Nom d'usage", "Nom de naissance"),
    "given_name": ("Prénom | Prénoms | Prénom du patient | Prénom patient",),
    "birth_date": (
        "Date de naissance | Né(e) le | Né le | Née le | DDN | Naissance | Date naissance | Date de naiss.",
    ),
    "phone": (
        "Portable | Téléphone portable | N° de portable | Tél. portable",
        "Téléphone | Tél. | N° de téléphone | Numéro de téléphone | Tél. fixe",
    ),
    "email": ("Courriel | Adresse e-mail | Adresse mail | Adresse électronique | Mél",),
    "diagnosis": (
        "Diagnostic | Pathologie | Diagnostic principal | Libellé du diagnostic | Libellé diagnostic",
        "Motif | Motif de traitement",
    ),
    "icd10": ("CIM-10 | Code CIM-10 | Code CIM | CIM | Code diagnostic",),
    "product": (
        "Produit | Toxine | Toxine botulique | Toxine botulinique | Produit injecté | Nom du produit | "
        "Médicament | Spécialité",
        "Marque",
    ),
    "given_on": (
        "Date d'injection | Date de l'injection | Date injection | Date de traitement | Date du traitement | "
        "Date de soin | Date des soins | Date de la séance | Date de séance | Injecté le | "
        "Date d'administration | Date de l'acte",
        "Date de consultation | Date de visite | Date de la visite | Date consultation | Date du rendez-vous",
    ),
    "units": (
        "Unités | Unités injectées | Nombre d'unités | Nb d'unités | Nb unités | Unités totales | Dose (UI) | "
        "UI | Total unités | Dose en unités | Unités administrées | Unités (U)",
        "Dose totale | Dose injectée | Dose administrée",
    ),
    "units_wasted": (
        "Unités jetées | Unités perdues | Reliquat | Reliquat jeté | Perte | Pertes | Unités non utilisées",
    ),
    "lot": ("N° de lot | N° lot | Numéro de lot | No de lot | N° du lot | Lot du produit",),
    "lot_expires_on": ("Péremption | Date de péremption | Date d'expiration | Date limite | Périme le",),
    "provider_name": (
        "Médecin | Praticien | Injecteur | Médecin injecteur | Praticien injecteur | Opérateur | Injecté par",
        "Docteur | Soignant",
    ),
    "location": (
        "Lieu | Cabinet | Centre | Établissement | Lieu de consultation | Clinique | Lieu de soins",
    ),
    "notes": ("Remarque | Remarques | Commentaire | Commentaires | Observation | Observations",),
    "weight_kg": ("Poids (kg) | Poids en kg",),
    "weight": ("Poids",),
    "kind": ("Type de séance | Type de traitement",),
    "muscle": (
        "Muscle injecté | Muscle cible | Muscles injectés | Site d'injection | Point d'injection | "
        "Site injecté",
    ),
    "side": ("Côté | Latéralité | Droite/Gauche | D/G",),
    "vial": ("Flacon | N° flacon | N° de flacon | Flacon n° | Numéro de flacon",),
    "limb": ("Membre | Membre traité | Membre atteint",),
}

SPANISH: dict[str, tuple[str, ...]] = {
    "mrn": (
        "Nº historia | Nº de historia | N.º de historia | Número de historia | Historia clínica | NHC | "
        "Nº de historia clínica | Nº historia clínica | Número de historia clínica | Nº paciente | "
        "Nº de paciente | Número de paciente | ID paciente | ID de paciente | Código paciente | "
        "Código de paciente | Identificador de paciente",
        "Expediente | Nº expediente | Nº de expediente | Número de expediente | Identificador",
    ),
    "patient_name": (
        "Paciente | Nombre del paciente | Nombre paciente | Nombre y apellidos | Apellidos y nombre | "
        "Apellidos, nombre | Nombre completo",
    ),
    "family_name": ("Apellidos | Apellido | Apellido(s) | Apellidos del paciente", "Primer apellido"),
    "given_name": ("Nombre | Nombres | Nombre(s) | Nombre de pila",),
    "birth_date": (
        "Fecha de nacimiento | Fecha nacimiento | F. nacimiento | F. de nacimiento | F. nac. | Fecha nac. | "
        "Fec. nac. | Nacimiento",
    ),
    "phone": (
        "Móvil | Teléfono móvil | Celular | Nº móvil",
        "Teléfono | Teléfono de contacto | Nº de teléfono | Número de teléfono",
    ),
    "email": ("Correo electrónico | Correo | Correo-e | Dirección de correo",),
    "diagnosis": (
        "Diagnóstico | Indicación | Patología | Diagnóstico principal",
        "Motivo | Motivo de consulta",
    ),
    "icd10": (
        "CIE-10 | Código CIE-10 | Código CIE | CIE | Código diagnóstico | Código de diagnóstico | "
        "Código del diagnóstico",
    ),
    "product": (
        "Producto | Toxina | Toxina botulínica | Producto administrado | Nombre del producto | Medicamento | "
        "Fármaco",
        "Marca",
    ),
    "given_on": (
        "Fecha de tratamiento | Fecha del tratamiento | Fecha tratamiento | Fecha de infiltración | "
        "Fecha infiltración | Fecha de inyección | Fecha inyección | Fecha de aplicación | "
        "Fecha de administración | Fecha de servicio | Fecha de la sesión",
        "Fecha de visita | Fecha de la visita | Fecha de consulta | Fecha de cita | Fecha cita",
        "Fecha",
    ),
    "units": (
        "Unidades | Unidades administradas | Unidades inyectadas | Nº de unidades | Nº unidades | "
        "Número de unidades | Total unidades | Total de unidades | Unidades totales | Dosis (U) | "
        "Dosis (UI) | Dosis en unidades | Unidades (U)",
        "Dosis total | Dosis administrada",
    ),
    "units_wasted": (
        "Unidades desechadas | Unidades descartadas | Unidades sobrantes | Desechadas | Descartadas | "
        "Sobrante | Merma | Desecho",
    ),
    "lot": ("Lote | Nº de lote | Nº lote | Número de lote | N.º de lote",),
    "lot_expires_on": (
        "Caducidad | Fecha de caducidad | Vencimiento | Fecha de vencimiento | Caduca | Fecha caducidad",
    ),
    "provider_name": (
        "Médico | Médica | Médico/a | Facultativo | Médico responsable | Administrado por | Infiltrado por",
        "Profesional | Doctor/a | Especialista",
    ),
    "location": ("Clínica | Consultorio | Sede | Centro | Ubicación", "Hospital | Lugar"),
    "notes": ("Observaciones | Notas | Nota | Comentarios | Comentario | Observación",),
    "weight_kg": ("Peso (kg) | Peso en kg",),
    "weight": ("Peso",),
    "kind": ("Tipo de sesión | Tipo de tratamiento",),
    "muscle": (
        "Músculo | Músculos | Músculo inyectado | Músculo infiltrado | Sitio de inyección | "
        "Punto de inyección | Punto de infiltración",
    ),
    "side": ("Lado | Lateralidad | Derecha/Izquierda",),
    "vial": ("Nº de vial | Nº vial | Número de vial | Frasco | Nº de frasco",),
    "limb": ("Miembro | Extremidad | Miembro afectado | Miembro tratado",),
}
