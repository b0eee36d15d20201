"""The freely distributed corpora: where each comes from, under which licence, and the checksum of what is read."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

from .selections import keep_free_sources, keep_snli_premises, maccrobat_split

Place = Callable[[str], Optional[str]]  # a path in the repository to the name here, None for what is not needed
Select = Callable[[bytes], bytes]  # a file of the repository to the part of it that belongs here
NAME = r"[^/\\]+"
BRAT = rf"{NAME}\.(?:ann|txt)"


@dataclass(frozen=True)
class PublicCorpus:
    """A corpus that anybody may have.

    dataset: Its name among the datasets, and of its folder.
    name: Its name as a local archive, <name>.tar.xz, which holds the folder <name>.
    stands_for: The task of restricted access that it resembles.
    repository, commit: OWNER/NAME on GitHub, and the first digits of the commit.
    files: Regular expression of the paths that the converters read; these are verified.
    documents: The same for licence and description, which are brought where they are and not verified.
    count, sha256: What `fingerprint` gives for the right files.
    place: Where a file of the repository belongs here; None if the repository cannot give the corpus.
    select: Applied to each of its `files` that the repository gives.
    remark: What else is known of the way from the repository to these files, for error messages.
    """

    dataset: str
    name: str
    stands_for: str
    licence: str
    repository: str
    commit: str
    files: str
    count: int
    sha256: str
    documents: str = ""
    place: Optional[Place] = None
    select: Optional[Select] = None
    remark: str = ""
    on_request: bool = False

    def reads(self, path: str) -> bool:
        """Whether the converters read the file at this path, relative to the corpus' folder."""
        return re.fullmatch(self.files, path) is not None

    def has(self, path: str) -> bool:
        """Whether the file belongs to the corpus: read by the converters, or a document."""
        return self.reads(path) or re.fullmatch(self.documents, path) is not None


def fingerprint(folder: Path, corpus: PublicCorpus) -> Tuple[int, str]:
    """Count the files below a folder that the converters read, and take one SHA-256 over all of them.

    It is that of a text with a line a file, in the order of the paths: the file's SHA-256 in hexadecimal, two
    spaces, its path relative to the folder with "/", a line feed. The coreutils' `sha256sum`, given these paths
    in the order of LC_ALL=C, writes the same text. Other files in the folder make no difference.
    """
    found = {}
    for path in folder.rglob("*"):
        relative = path.relative_to(folder).as_posix()
        if corpus.reads(relative) and path.is_file():
            found[relative] = sha256(path.read_bytes()).hexdigest()
    lines = "".join(f"{found[path]}  {path}\n" for path in sorted(found))
    return len(found), sha256(lines.encode("utf8", "surrogateescape")).hexdigest()


def moved(*rules: Tuple[str, str]) -> Place:
    """Places by regular expression and template: the first expression that matches the whole path decides."""

    def place(path: str) -> Optional[str]:
        for pattern, template in rules:
            match = re.fullmatch(pattern, path)
            if match:
                return match.expand(template)
        return None

    return place


def place_maccrobat(path: str) -> Optional[str]:
    """The repository has all reports in one folder; the split is by number of the report."""
    match = re.fullmatch(r"MACCROBAT2020/(\d+)\.(ann|txt)", path)
    split = maccrobat_split(match[1]) if match else None
    return f"{split}/{match[1]}.{match[2]}" if match and split else None


PUBLIC: Dict[str, PublicCorpus] = {
    corpus.dataset: corpus
    for corpus in (
        PublicCorpus(
            dataset="medrqe",
            name="rqe",
            stands_for="medrqe",
            licence="none stated (NIH/NLM)",
            repository="abachaa/MEDIQA2019",
            commit="ae5d3826",
            files=r"MEDIQA2019-Task2-RQE-(TrainingSet|ValidationSet)-AMIA2016\.xml",
            documents=r"Task2_README\.txt",
            count=2,
            sha256="89c9bade1805173409185697f0a3ea19b3ba2006200461f7a8014fae4607f6c1",
            place=moved(
                (r"MEDIQA_Task2_RQE/(MEDIQA2019-Task2-RQE-(?:TrainingSet|ValidationSet)-AMIA2016\.xml)", r"\1"),
                (r"MEDIQA_Task2_RQE/(Task2_README\.txt)", r"\1"),
            ),
        ),
        PublicCorpus(
            dataset="quaero_2014",
            name="quaero",
            stands_for="quaero_2014",
            licence="GNU FDL 1.3",
            repository="MrMimic/Machine-Learning",
            commit="236859b8",
            files=rf"(train|dev)/(EMEA|MEDLINE)/{BRAT}",
            documents=r"README\.txt",
            count=3_376,
            sha256="8699018039081210973dd9c410f1b8fc715175f6a4eea563416e3e9fd797de1b",
            place=moved(
                (rf"CLEF_2017/dataset/(?:corpus/)?((?:train|dev)/(?:EMEA|MEDLINE)/{BRAT})", r"\1"),
                (r"CLEF_2017/dataset/(README\.txt)", r"\1"),
            ),
        ),
        PublicCorpus(
            dataset="bc5cdr",
            name="bc5cdr",
            stands_for="i2b2_2010",
            licence="public domain",
            repository="cambridgeltl/bmip-2018",
            commit="0b66ee92",
            files=r"CDR_(Training|Development)Set\.PubTator\.txt",
            documents=r"README\.bmip-2018\.md",
            count=2,
            sha256="e8e2e48463d2df2f9acf002955f912fee25026df2915b46a94375266db5cd9bc",
            place=moved(
                (r"BC5-CDR/original[^/]*/(?:.+/)?(CDR_(?:Training|Development)Set\.PubTator\.txt)", r"\1"),
                (r"README\.md", "README.bmip-2018.md"),
            ),
        ),
        PublicCorpus(
            dataset="maccrobat",
            name="maccrobat",
            stands_for="i2b2_2012",
            licence="CC BY 4.0",
            repository="Saieiei/NLP",
            commit="f2b52298",
            files=rf"(train|dev)/{BRAT}",
            count=300,
            sha256="7667fe36143a8305edcae66392ccc4c246a6fb2648a46f69a6428672e2baa779",
            place=place_maccrobat,
        ),
        PublicCorpus(
            dataset="meddocan",
            name="meddocan",
            stands_for="i2b2_2014",
            licence="CC BY 4.0",
            repository="PlanTL-GOB-ES/SPACCC_MEDDOCAN",
            commit="783a6df3",
            files=rf"(train|dev)/(brat/{BRAT}|xml/{NAME}\.xml)",
            documents=r"LICENSE|README\.md",
            count=2_250,
            sha256="c2cd5a030d1cb39c716f9c4442bcbf53eaa550bf0535356e1d5156b70306924b",
            place=moved(
                (rf"corpus/((?:train|dev)/(?:brat/{BRAT}|xml/{NAME}\.xml))", r"\1"),
                (r"(LICENSE|README\.md)", r"\1"),
            ),
        ),
        PublicCorpus(
            dataset="phee",
            name="phee",
            stands_for="n2c2_2018",
            licence="MIT",
            repository="ZhaoyueSun/PHEE",
            commit="41489b08",
            files=rf"(train|dev)/{BRAT}",
            documents=r"LICENSE|README\.md",
            count=7_718,
            sha256="5e5a11131223a5ebc22f477cbe99e7ff5642b2da01287c61ffc473d218aabb62",
            place=moved((rf"data/clean/((?:train|dev)/{BRAT})", r"\1"), (r"(LICENSE|README\.md)", r"\1")),
        ),
        PublicCorpus(
            dataset="snli",
            name="snli",
            stands_for="mednli",
            licence="CC BY-SA 4.0",
            repository="anthonywchen/generative-nli",
            commit="aad50032",
            files=r"snli_devsplit_train\.jsonl",
            count=1,
            sha256="c55e0aa41d4ee0110d45123228c29c2532bea08ce5a9db43311873605322c075",
            place=moved((r"data/snli/dev\.jsonl", "snli_devsplit_train.jsonl")),
            select=keep_snli_premises,
            remark="It is the part of data/snli/dev.jsonl whose premises are not held out as a test.",
        ),
        PublicCorpus(
            dataset="stsb",
            name="stsb",
            stands_for="n2c2_2019",
            licence="CC BY-SA 4.0",
            repository="zhangzhenhu/Semantic-Texual-Similarity-Toolkits",
            commit="c55a72f5",
            files=r"sts-(train|dev)\.free\.csv",
            documents=r"LICENSE\.txt|readme\.txt",
            count=2,
            sha256="8f1a03e31338ca8a98e63c91327dbac039e0f77e7c63312a7b01b9ecaee1f855",
            place=moved(
                (r"data/stsbenchmark/sts-(train|dev)\.csv", r"sts-\1.free.csv"),
                (r"data/stsbenchmark/(LICENSE\.txt|readme\.txt)", r"\1"),
            ),
            select=keep_free_sources,
            remark="It is the rows of data/stsbenchmark/ whose source is freely licensed, with the two columns of "
            "licences that some copies of the benchmark lack.",
        ),
        PublicCorpus(
            dataset="mtsamples",
            name="mtsamples",
            stands_for="unannotated notes",
            licence="redistribution with credit to mtsamples.com",
            repository="terrah27/spider_mtsamples.com",
            commit="7794f006",
            files=r"mts_\d+\.txt",
            count=2_000,
            sha256="ec0ae660397ae52b39706195b6d769305703d6b862a8085441629f50d87e2076",
            remark="Its 2,000 notes were cut out of the web pages that the repository holds.",
            on_request=True,
        ),
    )
}
