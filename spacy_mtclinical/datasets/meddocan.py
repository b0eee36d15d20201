"""MEDDOCAN: protected health information in Spanish clinical cases, 29 types in the guideline."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import i2b2_phi_xml
from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes, read_xml_notes
from .writing import Writing, Written, write_brat_notes

TASK = "meddocan"
KIND = "entities"
LABELS = (
    "CALLE",
    "CENTRO_SALUD",
    "CORREO_ELECTRONICO",
    "DIREC_PROT_INTERNET",
    "EDAD_SUJETO_ASISTENCIA",
    "FAMILIARES_SUJETO_ASISTENCIA",
    "FECHAS",
    "HOSPITAL",
    "IDENTIF_BIOMETRICOS",
    "IDENTIF_DISPOSITIVOS_NRSERIE",
    "IDENTIF_VEHICULOS_NRSERIE_PLACAS",
    "ID_ASEGURAMIENTO",
    "ID_CONTACTO_ASISTENCIAL",
    "ID_EMPLEO_PERSONAL_SANITARIO",
    "ID_SUJETO_ASISTENCIA",
    "ID_TITULACION_PERSONAL_SANITARIO",
    "INSTITUCION",
    "NOMBRE_PERSONAL_SANITARIO",
    "NOMBRE_SUJETO_ASISTENCIA",
    "NUMERO_BENEF_PLAN_SALUD",
    "NUMERO_FAX",
    "NUMERO_TELEFONO",
    "OTROS_SUJETO_ASISTENCIA",
    "OTRO_NUMERO_IDENTIF",
    "PAIS",
    "PROFESION",
    "SEXO_SUJETO_ASISTENCIA",
    "TERRITORIO",
    "URL_WEB",
)
DESCRIPTION = "MEDDOCAN (XML as in i2b2 2014, or brat)"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split: from XML, which states the category of a type, or from brat if it has none."""
    try:
        yield from read_xml_notes(path, i2b2_phi_xml.parse, split=split, report=report)
    except FileNotFoundError as missing:
        if not path.exists():
            raise
        try:
            yield from read_brat_notes(path, split=split, report=report)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{error} {missing}") from None


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them."""
    return write_brat_notes(notes, writing)
