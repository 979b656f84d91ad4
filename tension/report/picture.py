"""A matplotlib figure that shows itself in a notebook, whatever backend is set (extra `[plot]`)."""

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure without a window of its own."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=100)
        return picture.getvalue()
