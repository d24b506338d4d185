"""Which files the given inputs hold, in this file system or behind a URL, and how they are opened."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from pipeline.errors import InputError, QinggaoError, UsageError
from pipeline.inputs.raw import Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLAIN = frozenset({".txt", ".md"})
PAGES = frozenset({".html", ".htm"})
WORD = frozenset({".docx"})
TABLES = frozenset({".jsonl", ".csv", ".parquet"})
SUPPORTED = PLAIN | PAGES | WORD | TABLES
PACKINGS = frozenset({".gz", ".zst"})
PACKABLE = SUPPORTED - {".docx", ".parquet"}  # these two are packed inside
UNPACKED = 5  # times the size of a packed file that its text is taken for
CONVERT = f"convert it to one of {', '.join(sorted(SUPPORTED))} (all but .docx and .parquet also as .gz or .zst)"


class Format(NamedTuple):
    """What a file's name says: its stem, the kind of its content (".csv") and how it is packed (".gz", "")."""

    stem: str
    kind: str
    packing: str


class InputFile(NamedTuple):
    """One file to read.

    ``place`` is a local path or a URL; ``source`` the path relative to the given input, with ``/``; ``position`` says
    which of the given inputs it belongs to (from 0); ``size`` is in bytes, as stored.
    """

    place: str
    source: str
    position: int
    size: int

    @property
    def format(self) -> Format:
        """What the file's name says of it."""
        return format_of(self.source)

    @property
    def unpacked(self) -> int:
        """About how many bytes its content has."""
        return self.size * (UNPACKED if self.format.packing else 1)

    @property
    def is_table(self) -> bool:
        """Whether each row is a document."""
        return self.format.kind in TABLES


class Listing(NamedTuple):
    """The files to read, in order, and what cannot be read."""

    files: list[InputFile]
    quarantined: list[Quarantined]


def format_of(name: str) -> Format:
    """Return the format of a file's name: ``a/x.jsonl.gz`` gives ``("x", ".jsonl", ".gz")``."""
    path = PurePosixPath(name)
    ending, inner = path.suffix.lower(), PurePosixPath(path.stem)
    if ending in PACKINGS and inner.suffix.lower() in PACKABLE:
        return Format(inner.stem, inner.suffix.lower(), ending)
    return Format(path.stem, ending, "")


def list_files(inputs: Sequence[Path | str], exclude: Path | None = None) -> Listing:
    """Return the files of ``inputs``: files and folders (read recursively, sorted by relative path, hidden left out).

    An input that holds ``://`` is a URL. Nothing below ``exclude`` is listed. Raises :class:`UsageError` for an input
    that does not exist or cannot be reached, and for a URL where fsspec is not installed.
    """
    listing = Listing([], [])
    for position, given in enumerate(inputs):
        listed = _far(str(given), position, exclude) if is_url(str(given)) else _near(Path(given), position, exclude)
        for item in listed:
            if isinstance(item, InputFile):
                listing.files.append(item)
            else:
                listing.quarantined.append(item)
    return listing


def is_url(place: str) -> bool:
    """Return whether ``place`` is read through fsspec."""
    return "://" in place


def open_file(place: str) -> BinaryIO:
    """Return the bytes of a local path or URL as a buffered stream; whatever refuses comes as it is (``reading``)."""
    if not is_url(place):
        return Path(place).open("rb")
    system, path = _fsspec().url_to_fs(place)
    return cast("BinaryIO", system.open(path, "rb"))


@contextmanager
def reading(place: str) -> Iterator[None]:
    """Turn what the system refuses while ``place`` is read into an :class:`InputError`."""
    try:
        yield
    except QinggaoError:
        raise
    except OSError as error:
        raise InputError(_refused(error)) from error
    except Exception as error:
        # Each remote file system has exceptions of its own.
        if not is_url(place):
            raise
        raise InputError(f"cannot be read: {error}; check the address and try again") from error


def _refused(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}; check its permissions"


def _near(path: Path, position: int, exclude: Path | None) -> Iterator[InputFile | Quarantined]:
    if not os.path.lexists(path):
        raise UsageError(f"{path}: no such file or folder; give the inputs that exist, or put files into data/raw")
    if not path.is_dir():
        yield _checked(path, path.name, position, path.parent)
        return
    closed: list[Quarantined] = []
    sources = sorted(_walk(path, exclude.resolve() if exclude else None, closed))
    yield from closed
    for source in sources:
        yield _checked(path / source, source, position, path)


def _walk(root: Path, skip: Path | None, closed: list[Quarantined]) -> Iterator[str]:
    """Yield files and links under ``root`` (relative, hidden ones left out); list folders that do not open."""

    def denied(error: OSError) -> None:
        folder = Path(error.filename)
        source = root.name if folder == root else folder.relative_to(root).as_posix()
        closed.append(Quarantined(source, _refused(error)))

    for folder, folders, files in os.walk(root, onerror=denied):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name[0] != "." and (here / name).resolve() != skip]
        for name in (*files, *links):
            if name[0] != ".":
                yield (here / name).relative_to(root).as_posix()


def _checked(path: Path, source: str, position: int, root: Path) -> InputFile | Quarantined:
    reason = _link_fault(path, root) if path.is_symlink() else ""
    if not reason and not path.is_file():
        reason = "is no regular file; remove it"
    reason = reason or _format_fault(source)
    return Quarantined(source, reason) if reason else InputFile(str(path), source, position, path.stat().st_size)


def _link_fault(link: Path, root: Path) -> str:
    target = link.resolve()
    if not target.exists():
        return "is a broken link; restore its target or remove it"
    if root.resolve() not in target.parents or target.is_dir():
        return "links out of the input folder or to a folder; put the file itself there"
    return ""


def _format_fault(source: str) -> str:
    return "" if format_of(source).kind in SUPPORTED else f"has an unsupported format; {CONVERT}"


def _far(url: str, position: int, exclude: Path | None) -> Iterator[InputFile | Quarantined]:
    fsspec = _fsspec()
    try:
        system, root = fsspec.url_to_fs(url)
        if isinstance(system, fsspec.get_filesystem_class("file")):  # links are checked, the output left out
            yield from _near(Path(root), position, exclude)
            return
        about = system.info(root)
        found = {root: about} if about["type"] == "file" else system.find(root, detail=True)
    except FileNotFoundError as error:
        raise UsageError(f"{url}: no such file or folder; give the inputs that exist") from error
    except (ImportError, OSError, ValueError) as error:
        raise UsageError(
            f"{url}: cannot be listed: {error}; check the address, your rights and that its package is installed"
        ) from error
    folder = root.rstrip("/") + "/" if about["type"] != "file" else root.removesuffix(PurePosixPath(root).name)
    for source in sorted(path.removeprefix(folder) for path in found):
        if any(part[:1] in {"", "."} for part in source.split("/")):  # hidden, or an object store's mark of a folder
            continue
        fault = _format_fault(source)
        place = url if folder + source == root else f"{url.rstrip('/')}/{source}"
        size = int(found[folder + source].get("size") or 0)
        yield Quarantined(source, fault) if fault else InputFile(place, source, position, size)


def _fsspec() -> Any:
    try:
        import fsspec  # noqa: PLC0415 - an extra, for URLs only
    except ImportError as error:
        raise UsageError("reading a URL needs fsspec; run `pip install qinggao[cluster]`") from error
    return fsspec
