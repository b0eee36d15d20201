"""What kind of thing a label marks: tables for the labels of i2b2 2014, MEDDOCAN and the like, and changes to them."""

from typing import Dict, Mapping

NAME, DATE, AGE, ID = "name", "date", "age", "id"
EMAIL, URL, IP = "email", "url", "ip"
CITY, STATE, COUNTRY, STREET = "city", "state", "country", "street"
HOSPITAL, ORGANIZATION, PROFESSION = "hospital", "organization", "profession"
MASK = "mask"  # always masked, whatever the policy
KEEP = "keep"  # not replaced
KINDS = (
    *(NAME, DATE, AGE, ID, EMAIL, URL, IP, CITY, STATE, COUNTRY, STREET, HOSPITAL, ORGANIZATION, PROFESSION),
    *(MASK, KEEP),
)

ENGLISH = {
    **dict.fromkeys(("PATIENT", "DOCTOR", "NAME", "PERSON"), NAME),
    **dict.fromkeys(("PHONE", "FAX", "SSN", "MEDICALRECORD", "HEALTHPLAN", "ACCOUNT", "LICENSE", "VEHICLE"), ID),
    **dict.fromkeys(("DEVICE", "BIOID", "IDNUM", "USERNAME", "ZIP", "ROOM", "ID", "CONTACT"), ID),
    **dict.fromkeys(("CITY", "LOCATION-OTHER", "LOCATION"), CITY),
    **dict.fromkeys(("DEPARTMENT", "OTHER"), MASK),
    "DATE": DATE,
    "AGE": AGE,
    "EMAIL": EMAIL,
    "URL": URL,
    "IPADDR": IP,
    "STREET": STREET,
    "STATE": STATE,
    "COUNTRY": COUNTRY,
    "HOSPITAL": HOSPITAL,
    "ORGANIZATION": ORGANIZATION,
    "PROFESSION": PROFESSION,
}
SPANISH = {
    **dict.fromkeys(("NOMBRE_PERSONAL_SANITARIO", "NOMBRE_SUJETO_ASISTENCIA"), NAME),
    **dict.fromkeys(("IDENTIF_BIOMETRICOS", "IDENTIF_DISPOSITIVOS_NRSERIE", "IDENTIF_VEHICULOS_NRSERIE_PLACAS"), ID),
    **dict.fromkeys(("ID_ASEGURAMIENTO", "ID_CONTACTO_ASISTENCIAL", "ID_EMPLEO_PERSONAL_SANITARIO"), ID),
    **dict.fromkeys(("ID_SUJETO_ASISTENCIA", "ID_TITULACION_PERSONAL_SANITARIO", "NUMERO_BENEF_PLAN_SALUD"), ID),
    **dict.fromkeys(("NUMERO_FAX", "NUMERO_TELEFONO", "OTRO_NUMERO_IDENTIF"), ID),
    **dict.fromkeys(("FAMILIARES_SUJETO_ASISTENCIA", "OTROS_SUJETO_ASISTENCIA", "SEXO_SUJETO_ASISTENCIA"), MASK),
    **dict.fromkeys(("CENTRO_SALUD", "HOSPITAL"), HOSPITAL),
    "FECHAS": DATE,
    "EDAD_SUJETO_ASISTENCIA": AGE,
    "CORREO_ELECTRONICO": EMAIL,
    "URL_WEB": URL,
    "DIREC_PROT_INTERNET": IP,
    "CALLE": STREET,
    "TERRITORIO": CITY,
    "PAIS": COUNTRY,
    "INSTITUCION": ORGANIZATION,
    "PROFESION": PROFESSION,
}
DEFAULTS: Mapping[str, str] = {**ENGLISH, **SPANISH}


def make_kinds(changes: Mapping[str, str]) -> Dict[str, str]:
    """The table of kinds with some labels changed or added; a label that is not in it is masked.

    RAISES: ValueError for a kind that there is not.
    """
    for label, kind in changes.items():
        if kind not in KINDS:
            raise ValueError(f"Label '{label}': expected a kind among {', '.join(KINDS)}, got '{kind}'.")
    return {**DEFAULTS, **changes}
