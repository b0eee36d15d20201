"""One module a kind of head: hidden states in, scores out, and the loss of the scores.

A head is a thinc model that knows no Doc, no label string and no task name: a chain of layers, the last of which gives
the scores and gets its width from outside. Heads of dropout and one Linear predict together, by one product; any other
chain predicts by itself. Beside its forward pass a head has these attributes:

reads: "pieces" if it scores every sub-word of a note, "pair" if it scores a pair of texts as a whole, "masked" if it
    guesses sub-words that were hidden, and answers nothing.
nested: Of a head that reads pieces: whether it has a chain of tags for each label, see `spacy_mtclinical.tags`.
count_outputs: Callable[[int], int], the width of its scores for so many labels: `entity.count_tags` where it reads
    pieces.
get_loss: Callable[[Floats2d, Array], Tuple[float, Floats2d]], the mean loss over the items of a batch and
    its gradient with respect to the scores.
blend: Callable[[Array, Floats2d, float], Array], targets mixed with another model's scores for the same items; the
    number is the share of the targets. Only to learn from teachers.
get_bounds: Callable[[], List[float]], the lowest and the highest answer of a head that gives numbers; others have none.
attach: Callable[[Model], Any], to be given the encoder; optional.
"""
