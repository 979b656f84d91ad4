"""Every error the package raises, drawn once.

TensionError
├── InputError (ValueError)             the text, frame or file cannot be read as articles
│   ├── MissingColumnError              a frame lacks a column its contract names
│   └── DateError                       a date cannot be parsed, or a series has none
├── OptionError (ValueError)            an option has a value outside its list
├── ModelError (OSError)                a model folder cannot be used
│   ├── ModelNotFoundError              no such folder, or a file in it is missing
│   └── ModelDamagedError               a file's checksum or content is not what it should be
├── StoreError (OSError)                the store cannot be opened, read or written
│   ├── StoreNotFoundError              there is none
│   └── StoreBusyError                  another run is writing to it
├── WorkerError (RuntimeError)          a worker process failed or ended
└── MissingExtraError (ImportError)     an optional dependency is needed for this call
"""

from collections.abc import Collection


class TensionError(Exception):
    """Base of every error raised on purpose."""


class InputError(TensionError, ValueError):
    """The text, frame or file cannot be read as articles."""


class MissingColumnError(InputError):
    """A frame lacks a column its contract names."""


class DateError(InputError):
    """A date cannot be parsed, or a series was asked of articles without one."""


class OptionError(TensionError, ValueError):
    """An option has a value outside its list."""

    @classmethod
    def of(cls, option: str, value: object, allowed: Collection[object]) -> "OptionError":
        """Name the option, the value it had and the values it may have."""
        return cls(f"{option}={value!r} is not known; choose one of {', '.join(map(str, allowed))}")


class ModelError(TensionError, OSError):
    """A model folder cannot be used."""


class ModelNotFoundError(ModelError):
    """There is no such model folder, or a file in it is missing."""


class ModelDamagedError(ModelError):
    """A model file's checksum or content is not what it should be."""


class StoreError(TensionError, OSError):
    """The store cannot be opened, read or written."""


class StoreNotFoundError(StoreError):
    """There is no store at the place given."""


class StoreBusyError(StoreError):
    """Another run is writing to the store."""


class WorkerError(TensionError, RuntimeError):
    """A worker process failed or was ended."""


class MissingExtraError(TensionError, ImportError):
    """An optional dependency is needed for this call."""

    @classmethod
    def of(cls, package: str, extra: str) -> "MissingExtraError":
        """Say which extra brings the package."""
        return cls(f"this needs {package}: pip install 'tension[{extra}]'")
