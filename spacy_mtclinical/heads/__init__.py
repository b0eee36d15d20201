"""One module a kind of head: hidden states in, scores out, and the loss of the scores.

A head is a thinc model that knows no Doc, no label string and no task name. Beside its forward pass it has
these attributes:

reads: "pieces" if it scores every sub-word of a note, "pair" if it scores a pair of texts as a whole.
count_outputs: Callable[[int], int], the width of its scores for so many labels.
get_loss: Callable[[Floats2d, Array], Tuple[float, Floats2d]], the mean loss over the items of a batch and
    its gradient with respect to the scores.
blend: Callable[[Array, Floats2d, float], Array], targets mixed with another model's scores for the same items; the
    number is the share of the targets.
"""
