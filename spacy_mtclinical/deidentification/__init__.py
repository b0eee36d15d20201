"""Notes without what identifies a patient: found mentions are masked, removed, or replaced by surrogates.

mentions           what to replace: a decoder's spans, units that may be one, and repeats, at a threshold
kinds              label to kind: a name, a date, an age, ...
replacement        mentions to new text, and the map of offsets
keys, patients     a secret, and whose note it is: what surrogates are derived from
names, codes, places, dates, ages
                   surrogates, one module a kind
surrogates         kind to surrogate
policies           mask, remove or surrogate
component          the pipe after `mtclinical`
notes, batches     rows of an input; one function, Arrow batch to Arrow batch
writing, files     files of notes out; files to files, by the runs of `bulk`
leaks              what is left, measured on gold
"""
