"""Intervals are those of scipy.stats.bootstrap; degenerate samples; what is missing is named."""

import builtins

import numpy
import pytest
from cases import law
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from spacy_mtclinical.scoring.answers import MOMENTS, score_accuracy, score_pearson, standardise
from spacy_mtclinical.scoring.intervals import bound, draw_weights, find_intervals, resample
from spacy_mtclinical.scoring.spans import configure_exact_spans_v1
from spacy_mtclinical.scoring.submission_accuracy import configure_submission_accuracy_v1

SPANS = configure_exact_spans_v1()


def spans(right, wanted, guessed, label="X"):
    """Counts of a document."""
    values = {"recalled": right, "precise": right, "wanted": wanted, "guessed": guessed}
    return {(label, "", what): float(value) for what, value in values.items()}


def answers(rights):
    return [{(None, "", "right"): float(right), (None, "", "pairs"): 1.0} for right in rights]


def moments(x, y):
    x, y = standardise(numpy.array(x)), standardise(numpy.array(y))
    rows = numpy.stack([numpy.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)
    return [{(None, "", name): value for name, value in zip(MOMENTS, row)} for row in rows]


def ask_scipy(columns, figure):
    """The interval that scipy finds with the same draws. figure: of totals, shape (..., column)."""
    rows = numpy.array(columns, dtype="float64")

    def statistic(indices, axis):
        return figure(rows[indices].sum(axis=-2))

    sample = (numpy.arange(len(rows)),)
    found = bootstrap(
        sample, statistic, n_resamples=200, vectorized=True, method="BCa", random_state=numpy.random.default_rng(7)
    )
    return list(found.confidence_interval)


COUNTS = st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)).map(
    lambda n: (n[0], n[0] + n[1], n[0] + n[2])
)


@pytest.mark.filterwarnings("ignore")  # scipy's, of samples that it has no interval for
@law
@given(st.lists(COUNTS, min_size=3, max_size=30).filter(lambda rows: sum(right for right, *_ in rows) > 0))
def test_of_f_is_scipy_s(rows):
    expected = ask_scipy(rows, lambda sums: 2 * sums[..., 0] / numpy.maximum(sums[..., 1] + sums[..., 2], 1))
    if all(sum(row) for row in rows) and numpy.isfinite(expected).all():
        found = find_intervals(SPANS, [spans(*row) for row in rows], draws=200, seed=7)
        assert found.figures["f"] == pytest.approx(expected, abs=2e-6)
        assert found.types["X"] == pytest.approx(expected, abs=2e-6)


@law
@given(st.lists(st.booleans(), min_size=5, max_size=30).filter(lambda rights: 0 < sum(rights) < len(rights)))
def test_of_accuracy_is_scipy_s(rights):
    expected = ask_scipy([[right, 1] for right in rights], lambda sums: sums[..., 0] / sums[..., 1])
    assert find_intervals(score_accuracy, answers(rights), draws=200, seed=7).figures["acc"] == pytest.approx(
        expected, abs=2e-6
    )


def test_of_pearson_is_scipy_s():
    rng = numpy.random.default_rng(1)
    y = rng.normal(size=40)
    x = 2 * y + rng.normal(size=40) + 3
    rows = [[1, a, b, a * a, b * b, a * b] for a, b in zip(x, y)]

    def pearson(sums):
        n, x, y, xx, yy, xy = numpy.moveaxis(sums, -1, 0)
        return (n * xy - x * y) / numpy.sqrt((n * xx - x * x) * (n * yy - y * y))

    found = find_intervals(score_pearson, moments(x, y), draws=200, seed=7).figures["pearson"]
    assert found == pytest.approx(ask_scipy(rows, pearson), abs=2e-6)
    assert found[0] < numpy.corrcoef(x, y)[0, 1] < found[1]


def test_the_same_seed_gives_the_same_interval_and_another_another():
    rows = answers([True, False] * 20)
    first, same, other = (find_intervals(score_accuracy, rows, draws=150, seed=seed).figures for seed in (1, 1, 2))
    assert first == same != other


def test_documents_are_drawn_with_replacement():
    weights = numpy.concatenate(list(draw_weights(6, 250, seed=0)))
    assert weights.shape == (250, 6) and set(weights.sum(axis=1)) == {6}
    assert weights.mean() == 1 and weights.max() > 2


@pytest.mark.parametrize(
    "metric, rows, expected",
    [
        (SPANS, [spans(1, 1, 1)] * 5, [1.0, 1.0]),  # all draws alike
        (SPANS, [spans(0, 1, 1)] * 5, [0.0, 0.0]),
        (SPANS, [spans(1, 1, 1)], None),  # one document says nothing of others
        (SPANS, [], None),
        (SPANS, [{}] * 5, None),  # neither gold nor predictions
        (score_accuracy, answers([True] * 4), [1.0, 1.0]),
        (score_pearson, moments([1.0, 2.0], [1.0, 1.0]), None),  # no figure, no interval
        (configure_submission_accuracy_v1(), answers([]), None),
    ],
)
def test_degenerate_samples(metric, rows, expected):
    assert next(iter(find_intervals(metric, rows).figures.values())) == expected


def test_draws_without_a_label_say_nothing_of_it():
    """One document of twenty has it, and is right: it is right wherever it was drawn."""
    rows = [spans(1, 2, 1)] * 19 + [{**spans(1, 2, 1), **spans(1, 1, 1, label="Y")}]
    found = find_intervals(SPANS, rows, draws=300)
    assert found.types["Y"] == [1.0, 1.0]
    rows[-1].update(spans(0, 1, 1, label="Y"))
    assert find_intervals(SPANS, rows, draws=300).types["Y"] == [0.0, 0.0]


def test_draws_without_gold_and_predictions_say_nothing():
    """Three notes of forty have gold, and nothing is found: no draw of them is any better."""
    rows = [spans(0, 1, 0)] * 3 + [{}] * 37
    found = find_intervals(SPANS, rows)
    assert found.figures["f"] == found.figures["r"] == found.types["X"] == [0.0, 0.0]
    whole, drawn, without = resample(SPANS, rows)
    assert whole == 0.0 and 0 < numpy.isnan(drawn).sum() < 100 and not without.any()
    assert numpy.isnan(resample(SPANS, [spans(0, 1, 0), {}])[2]).tolist() == [True, False]
    whole, drawn, _ = resample(SPANS, [{}] * 5)
    assert whole == 1.0 and numpy.isnan(drawn).all()


def test_draws_as_good_as_all_documents_stay_so_whatever_the_order_of_a_sum():
    rng = numpy.random.default_rng(0)
    whole, *others = (rng.integers(1, 9, size) / 9 for size in (1, 500, 20))
    others[0][:200] = whole
    noise = [rng.choice([-1e-16, 1e-16], len(part)) for part in others]
    assert bound([whole, *(part + some for part, some in zip(others, noise))]) == bound([whole, *others])


def test_without_draws_there_are_none():
    found = find_intervals(SPANS, [spans(1, 2, 1)] * 3, draws=0)
    assert found.figures["f"] is None and found.types == {"X": None}


def test_without_scipy_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ValueError, match=r'pip install "spacy_mtclinical\[evaluate\]"\), or let evaluate .*--draws 0'):
        find_intervals(score_accuracy, answers([True, False, True]))
