"""Of each corpus: what it is, in which language, and under which terms from whom it comes."""

from typing import Dict, NamedTuple, Optional

from .public import PUBLIC

AGREEMENT = "data use agreement"
PORTAL = "DBMI Data Portal (n2c2 NLP research data sets), Harvard Medical School"
PORTAL_URL = "https://portal.dbmi.hms.harvard.edu/projects/n2c2-nlp/"


class Terms(NamedTuple):
    """What a reader has to know of a corpus.

    title: Its name and what is annotated in what.
    language: Of its texts.
    licence: Its terms, in words.
    source: Who distributes it, or where its copy here comes from.
    url: Where that is.
    is_open: Whether anybody may have it without asking.
    """

    title: str
    language: str
    licence: str
    source: str
    url: str
    is_open: bool


def _restricted(title: str) -> Terms:
    return Terms(title, "English", AGREEMENT, PORTAL, PORTAL_URL, False)


def _open(dataset: str, title: str, language: str = "English") -> Terms:
    corpus = PUBLIC[dataset]
    source = f"{corpus.repository} on GitHub, commit {corpus.commit}"
    return Terms(title, language, corpus.licence, source, f"https://github.com/{corpus.repository}", True)


TERMS: Dict[str, Terms] = {
    "i2b2_2010": _restricted("2010 i2b2/VA: problems, tests and treatments in discharge summaries and progress notes"),
    "i2b2_2012": _restricted("2012 i2b2: clinical events in discharge summaries"),
    "i2b2_2014": _restricted("2014 i2b2/UTHealth: protected health information in notes"),
    "n2c2_2018": _restricted("2018 n2c2 track 2: drugs, their attributes and adverse events in discharge summaries"),
    "n2c2_2019": _restricted("2019 n2c2 track 1 (ClinicalSTS): similarity of sentences of notes"),
    "mednli": Terms(
        "MedNLI 1.0.0: inference between sentences about a patient",
        "English",
        "PhysioNet credentialed health data use agreement",
        "PhysioNet",
        "https://physionet.org/content/mednli/1.0.0/",
        False,
    ),
    "medrqe": _open("medrqe", "RQE (AMIA 2016, MEDIQA 2019 task 2): whether one question entails another"),
    "quaero_2014": _open(
        "quaero_2014", "QUAERO French Medical Corpus: ten semantic groups in drug leaflets and titles", "French"
    ),
    "bc5cdr": _open("bc5cdr", "BC5CDR: chemicals and diseases in PubMed abstracts"),
    "maccrobat": _open("maccrobat", "MACCROBAT 2020: clinical events in published case reports, seven types of them"),
    "meddocan": _open("meddocan", "MEDDOCAN: protected health information in clinical cases", "Spanish"),
    "phee": _open("phee", "PHEE: drugs and adverse effects in sentences of case reports, eight types of them"),
    "snli": _open("snli", "SNLI: inference between general sentences"),
    "stsb": _open("stsb", "STS benchmark: similarity of general sentences, its freely licensed genres"),
}


def find_terms(dataset: str) -> Optional[Terms]:
    """Find the terms of a corpus; None where they are not known, as of a user's own."""
    return TERMS.get(dataset)
