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
    package_data={"spacy_mtclinical": ["py.typed", "pages/assets/*"]},
    python_requires=">=3.9",
    install_requires=[
        "spacy>=3.8.0,<3.9.0",
        "spacy-transformers>=1.3.8,<1.5.0",
        "thinc>=8.3.4,<8.4.0",
        "torch>=2.6.0",
        "transformers>=4.48.0,<4.53.3",
        "safetensors>=0.4.3",
        "srsly>=2.4.8",
        "numpy>=2.0.0",
        "tqdm>=4.64.0",
        "pyarrow>=20.0.0",
    ],
    extras_require={
        "evaluate": ["scipy>=1.13.0"],
        "demo": ["build>=1.0.0", "scipy>=1.13.0"],
        "test": [
            "build>=1.0.0",
            "faker>=30.0.0",
            "hypothesis>=6.100.0",
            "mypy>=1.11.0",
            "negspacy>=1.1.0; python_version >= '3.10'",
            "onnx>=1.16.0",
            "onnxruntime>=1.18.0",
            "peft>=0.13.0",
            "pyspark[connect,sql]>=3.5.0,<5.0.0",
            "pytest>=8.0.0",
            "ray[data]>=2.49.0",
            "ruff>=0.6.0",
            "scipy>=1.13.0",
        ],
        "deid": ["faker>=30.0.0"],
        "neighbours": [
            "medspacy>=1.3.1; python_version >= '3.12'",  # below, it asks for spaCy < 3.8
            "negspacy>=1.1.0; python_version >= '3.10'",
        ],
        "int8": ["onnx>=1.16.0", "onnxruntime>=1.18.0"],
        "lora": ["peft>=0.13.0"],
        "loggers": ["spacy-loggers>=1.0.5"],
        "ray": ["ray[data]>=2.49.0"],
        "spark": ["pyspark[connect,sql]>=3.5.0,<5.0.0"],
    },
    entry_points={
        "spacy_factories": [
            "mtclinical = spacy_mtclinical.component:make_mtclinical",
            "mtclinical_deidentify = spacy_mtclinical.deidentification.component:make_mtclinical_deidentify",
        ],
        "spacy_architectures": [
            "spacy-mtclinical.MultitaskModel.v1 = spacy_mtclinical.model:build_multitask_model_v1",
            "spacy-mtclinical.Encoder.v1 = spacy_mtclinical.encoder:build_encoder_v1",
            "spacy-mtclinical.EntityHead.v1 = spacy_mtclinical.heads.entity:build_entity_head_v1",
            "spacy-mtclinical.PairClassifier.v1 = spacy_mtclinical.heads.classifier:build_pair_classifier_v1",
            "spacy-mtclinical.PairRegressor.v1 = spacy_mtclinical.heads.regressor:build_pair_regressor_v1",
            "spacy-mtclinical.MaskedLMHead.v1 = spacy_mtclinical.heads.masked:build_masked_lm_head_v1",
            "spacy-mtclinical.Recurrent.v1 = spacy_mtclinical.recurrent:build_recurrent_v1",
            "spacy-mtclinical.Lora.v1 = spacy_mtclinical.adapters:build_lora_v1",
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
            "spacy-mtclinical.line_token_spans.v1 = "
            "spacy_mtclinical.scoring.line_token_spans:configure_line_token_spans_v1",
            "spacy-mtclinical.event_spans.v1 = spacy_mtclinical.scoring.event_spans:configure_event_spans_v1",
            "spacy-mtclinical.phi_spans.v1 = spacy_mtclinical.scoring.phi_spans:configure_phi_spans_v1",
            "spacy-mtclinical.lenient_spans.v1 = spacy_mtclinical.scoring.lenient_spans:configure_lenient_spans_v1",
            "spacy-mtclinical.fragment_spans.v1 = spacy_mtclinical.scoring.fragment_spans:configure_fragment_spans_v1",
            "spacy-mtclinical.word_tokens.v1 = spacy_mtclinical.scoring.word_tokens:configure_word_tokens_v1",
            "spacy-mtclinical.accuracy.v1 = spacy_mtclinical.scoring.answers:configure_accuracy_v1",
            "spacy-mtclinical.submission_accuracy.v1 = "
            "spacy_mtclinical.scoring.submission_accuracy:configure_submission_accuracy_v1",
            "spacy-mtclinical.pearson.v1 = spacy_mtclinical.scoring.answers:configure_pearson_v1",
        ],
        "spacy_callbacks": [
            "spacy-mtclinical.forget_paths.v1 = spacy_mtclinical.callbacks:create_forget_paths_v1",
            "spacy-mtclinical.finish.v1 = spacy_mtclinical.finishing:create_finish_v1",
            "spacy-mtclinical.trim_memory.v1 = spacy_mtclinical.callbacks:create_trim_memory_v1",
        ],
        "spacy_displacy_colors": ["spacy-mtclinical.label_colors.v1 = spacy_mtclinical.pages.colors:make_label_colors"],
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
