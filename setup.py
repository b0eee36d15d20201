"""The distribution: what is installed, and the one table of everything spaCy can find by name."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "spacy_mtclinical/__init__.py").read_text("utf8")).group(1)

setup(
    name="spacy_mtclinical",
    version=VERSION,
    description="Multitask clinical information extraction for spaCy: one shared encoder, eight light heads",
    long_description=(HERE / "README.md").read_text("utf8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=find_packages(include=["spacy_mtclinical*"]),
    package_data={"spacy_mtclinical": ["py.typed"]},
    python_requires=">=3.9",
    install_requires=[
        "spacy>=3.8.0,<3.9.0",
        "spacy-transformers>=1.3.8,<1.5.0",
        "thinc>=8.3.4,<8.4.0",
        "torch>=2.6.0",
        "transformers>=4.48.0,<4.53.3",
        "srsly>=2.4.8",
        "numpy>=2.0.0",
        "tqdm>=4.64.0",
    ],
    extras_require={
        "demo": ["build>=1.0.0"],
        "test": ["pytest>=8.0.0", "hypothesis>=6.100.0", "ruff>=0.6.0", "mypy>=1.11.0", "build>=1.0.0"],
        "loggers": ["spacy-loggers>=1.0.5"],
    },
    entry_points={
        "spacy_factories": ["mtclinical = spacy_mtclinical.component:make_mtclinical"],
        "spacy_architectures": [
            "spacy-mtclinical.MultitaskModel.v1 = spacy_mtclinical.model:build_multitask_model_v1",
            "spacy-mtclinical.Encoder.v1 = spacy_mtclinical.encoder:build_encoder_v1",
            "spacy-mtclinical.EntityHead.v1 = spacy_mtclinical.heads.entity:build_entity_head_v1",
            "spacy-mtclinical.PairClassifier.v1 = spacy_mtclinical.heads.classifier:build_pair_classifier_v1",
            "spacy-mtclinical.PairRegressor.v1 = spacy_mtclinical.heads.regressor:build_pair_regressor_v1",
        ],
        "spacy_readers": [
            "spacy-mtclinical.RoundRobinCorpus.v1 = spacy_mtclinical.corpus:create_round_robin_corpus_v1",
            "spacy-mtclinical.TaskCorpus.v1 = spacy_mtclinical.corpus:create_task_corpus_v1",
            "spacy-mtclinical.read_labels.v1 = spacy_mtclinical.corpus:read_labels_v1",
        ],
        "spacy_batchers": ["spacy-mtclinical.TaskBatches.v1 = spacy_mtclinical.corpus:configure_task_batches_v1"],
        "spacy_tokenizers": ["spacy-mtclinical.Tokenizer.v1 = spacy_mtclinical.tokenizer:create_tokenizer_v1"],
        "spacy_loggers": ["spacy-mtclinical.console_logger.v1 = spacy_mtclinical.logger:create_console_logger_v1"],
        "spacy_scorers": [
            "spacy-mtclinical.task_scorer.v1 = spacy_mtclinical.scoring.task_scorer:make_task_scorer_v1",
            "spacy-mtclinical.exact_spans.v1 = spacy_mtclinical.scoring.spans:configure_exact_spans_v1",
        ],
        "spacy_callbacks": ["spacy-mtclinical.forget_paths.v1 = spacy_mtclinical.callbacks:create_forget_paths_v1"],
        "spacy_cli": ["mtclinical = spacy_mtclinical.cli:mtclinical"],
        "thinc_optimizers": ["spacy-mtclinical.AdamW.v1 = spacy_mtclinical.optimizer:build_adamw_v1"],
    },
    classifiers=[
        "Intended Audience :: Healthcare Industry",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
