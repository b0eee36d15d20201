"""A configuration fitted to the corpora that are there: heads without one are taken out."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import srsly
from thinc.api import Config

HEADS = ("components", "mtclinical", "model", "heads")


def find_heads(config: Config) -> Dict[str, Any]:
    """The section of the heads, task to settings."""
    heads: Dict[str, Any] = config
    for key in HEADS:
        heads = heads[key]
    return heads


def keep_tasks(config: Config, corpus: Path, only: Optional[List[str]]) -> List[str]:
    """Take the heads without a corpus out of a configuration, and out of what refers to them.

    RETURNS: The tasks left out for want of a corpus.
    RAISES: ValueError if a task asked for has no head, no head is left, none has a dev split, or the component is
        taken from elsewhere, so that heads would be ignored.
    """
    check_sources(config)
    heads = find_heads(config)
    unknown = sorted(set(only or ()) - set(heads))
    if unknown:
        raise ValueError(f"Expected tasks of the configuration ({', '.join(sorted(heads))}), got {', '.join(unknown)}.")
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
    component, train = config["components"]["mtclinical"], config["corpora"]["train"]
    model = component["model"]
    for section, name in (
        *((component, name) for name in ("ents_from", "thresholds", "candidates")),
        *((model, name) for name in ("train_only", "added", "adapters")),
        *((train, name) for name in ("batch_sizes", "teachers")),
        (component.get("scorer") or {}, "metrics"),
    ):
        if isinstance(section.get(name), dict):
            section[name] = {task: value for task, value in section[name].items() if task in kept}
        elif isinstance(section.get(name), list):
            section[name] = [task for task in section[name] if task in kept]
    train["tasks"] = kept
    config["corpora"]["dev"]["tasks"] = [task for task in kept if (corpus / task / "dev.spacy").exists()]
    if not config["corpora"]["dev"]["tasks"]:
        raise ValueError(
            f"None of {', '.join(kept)} has a dev split, by which training tells which weights are the best: expected "
            f"dev.spacy in a folder a task under {corpus}. Convert one."
        )
    return sorted(set(wanted) - set(kept))


def read_teachers(path: Path, tasks: Sequence[str]) -> Dict[str, str]:
    """Find the single-task models in a table that `baseline` wrote. RETURNS: Task to the folder of its model.

    RAISES: ValueError naming the tasks that have none.
    """
    found = srsly.read_json(path)["tasks"]
    missing = sorted(set(tasks) - set(found))
    if missing:
        raise ValueError(
            f"{path} expected a single-task model of each task, got none of {', '.join(missing)}. Train them by "
            "python -m spacy mtclinical baseline, into the folder of that table."
        )
    return {task: found[task]["model"] for task in tasks}


def check_sources(config: Config) -> None:
    """Refuse what spaCy would ignore in silence: settings of a model beside `source`.

    RAISES: ValueError saying what to write instead.
    """
    for name, section in config.get("components", {}).items():
        if isinstance(section, dict) and "source" in section and "model" in section:
            raise ValueError(
                f"[components.{name}] has `source`, beside which spaCy ignores the settings of a model, new heads "
                f'included. Take `source` out, list every head, and set init_from = "{section["source"]}" in '
                f"[components.{name}.model] (python -m spacy mtclinical add_task writes such a configuration)."
            )
