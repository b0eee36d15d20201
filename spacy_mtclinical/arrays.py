"""Names for arrays by what they hold and their axes, for numpy and cupy alike.

Those of `thinc.types` say the same, but know too little of what arrays can do for a type checker to follow.
"""

from typing import Any

Floats1d = Any
Floats2d = Any
Floats3d = Any
Ints1d = Any
Ints2d = Any
Array = Any
