"""A configuration fitted to the corpora that are there: heads without one are taken out."""

from pathlib import Path
from typing import Any, Dict, List, Optional

from thinc.api import Config

HEADS = ("components", "mtclinical", "model", "heads")


def keep_tasks(config: Config, corpus: Path, only: Optional[List[str]]) -> List[str]:
    """Take the heads without a corpus out of a configuration, and out of what refers to them.

    RETURNS: The tasks left out for want of a corpus.
    RAISES: ValueError if no head is left.
    """
    heads: Dict[str, Any] = config
    for key in HEADS:
        heads = heads[key]
    wanted = [task for task in heads if not only or task in only]
    kept = sorted(task for task in wanted if (corpus / task / "train.spacy").exists())
    if not kept:
        raise ValueError(
            f"None of the corpora is there: expected train.spacy in {corpus} for one of {', '.join(sorted(wanted))}. "
            "Convert one (assets/README.md says where each is requested), or run the workflows that need none of "
            "them: spacy project run demo, spacy project run public."
        )
    for task in set(heads) - set(kept):
        del heads[task]
    component = config["components"]["mtclinical"]
    component["ents_from"] = [task for task in component.get("ents_from", []) if task in kept]
    metrics = component.get("scorer", {}).get("metrics", {})
    for task in set(metrics) - set(kept):
        del metrics[task]
    config["corpora"]["train"]["tasks"] = kept
    config["corpora"]["dev"]["tasks"] = [task for task in kept if (corpus / task / "dev.spacy").exists()]
    return sorted(set(wanted) - set(kept))
