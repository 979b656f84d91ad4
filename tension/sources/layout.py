"""Which columns of a file hold what an event needs, under whatever spelling its header has them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tension.errors import InputError, MissingColumnError


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a format.

    `fields` names, for each thing an event needs, the columns that may hold it, the best first; `required` are those it cannot do without.
    `headless` gives the columns of a file without header line by their number.
    """

    name: str
    fields: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    headless: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a first line is a header; it always is in formats that have one."""
        known = {plain(name) for names in self.headless.values() for name in names}
        known |= {plain(name) for names in self.fields.values() for name in names}
        return not self.headless or len(known & set(map(plain, cells))) >= 2

    def places(self, names: Sequence[str], file: str) -> dict[str, int]:
        """Where each field stands among the columns `names`.

        Raises
        ------
        MissingColumnError
            If a required column is missing; the message names all that are.
        InputError
            If two columns have the name of one that is needed.
        """
        plain_names = [plain(name) for name in names]
        found = {}
        for what, columns in self.fields.items():
            name = next((column for column in map(plain, columns) if column in plain_names), None)
            if name is None:
                continue
            if plain_names.count(name) > 1:
                raise InputError(f"{file} has more than one column {names[plain_names.index(name)]}; rename the others")
            found[what] = plain_names.index(name)
        if missing := [self.fields[what][0] for what in self.required if what not in found]:
            raise MissingColumnError(
                f"{file}, read as {self.name}, lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; it has "
                f"{', '.join(filter(None, names)) or 'none'}"
            )
        return found


def plain(name: str) -> str:
    """A column name without case, spaces, underscores, quotes and byte order mark.

    >>> plain("\\ufeff Source_Country ")
    'sourcecountry'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())
