"""Find the files of a folder or an archive, and open them without trusting them.

Only regular files are opened: no link is followed, so that a submission cannot point at another
file of the teacher's machine. Nothing is ever unpacked to disk; an entry of an archive is unpacked
in memory, up to the size that the archive declares for it, which has a limit.

What is refused is found all the same, as a place that gives its reason in place of its bytes: it
belongs to a student, who must not vanish with it.
"""

import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backprop_course.grading.submissions.records import (
    MEGABYTE,
    CannotCollect,
    CannotRead,
    Found,
    Limits,
    Problem,
)

LINK = "is a link, and links are not followed."
_IGNORED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}
_OUTSIDE = "points outside of the archive, and was refused."
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LONGEST_NAME = 1_000
_LONGEST_PART = 200
_FILE = re.compile(r".*\.\w{1,5}", re.DOTALL)
_TOO_DEEP = "lies more than {} folders deep, and was left out."
_TOO_LARGE = "is larger than {} MB, the most a file may have."


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file in a folder."""

    path: str
    most: int

    def read(self) -> bytes:
        # Without O_NONBLOCK a named pipe would be waited for.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_BINARY", 0)
        try:
            if os.path.islink(self.path):
                raise CannotRead(LINK)
            with open(os.open(self.path, flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise CannotRead("is not a regular file.")
                content = file.read(self.most + 1)
        except FileNotFoundError:
            raise CannotRead("is not there any more.") from None
        except PermissionError:
            raise CannotRead("may not be read: permission is denied.") from None
        except OSError as error:
            raise CannotRead(f"cannot be read: {error.strerror or error}.") from None
        if len(content) > self.most:
            raise CannotRead(_TOO_LARGE.format(self.most // MEGABYTE))
        return content


@dataclass(frozen=True, slots=True)
class InArchive:
    """An entry of an archive, found again by its offset without reading the table of contents."""

    archive: str
    offset: int
    packed: int
    size: int
    method: int
    crc: int

    def read(self) -> bytes:
        try:
            with open(self.archive, "rb") as file:
                file.seek(self.offset)
                signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
                if signature != b"PK\x03\x04":
                    raise CannotRead("is damaged in the archive.")
                file.seek(name + extra, os.SEEK_CUR)
                content = file.read(self.packed)
            if self.method == zipfile.ZIP_DEFLATED:
                # One byte more than declared is enough to see that the declaration was false.
                content = zlib.decompressobj(-15).decompress(content, self.size + 1)
        except (struct.error, zlib.error):
            raise CannotRead("is damaged in the archive.") from None
        except OSError as error:
            raise CannotRead(f"cannot be read: {error.strerror or error}.") from None
        if len(content) != self.size or zlib.crc32(content) != self.crc:
            raise CannotRead("is damaged in the archive.")
        return content


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or a folder that is never opened, and why."""

    reason: str

    def read(self) -> bytes:
        raise CannotRead(self.reason)


def find_in_folder(root: Path, limits: Limits) -> list[Found]:
    """Return the files below a folder."""
    found: list[Found] = []
    waiting: list[tuple[str, tuple[str, ...]]] = [(os.fspath(root), ())]
    while waiting:
        folder, above = waiting.pop()
        try:
            entries = _entries(folder)
        except OSError as error:
            if not above:
                raise CannotCollect(_no_entry(root, error)) from None
            reason = f"cannot be opened: {error.strerror or error}."
            found.append(_refused((*above, ""), reason))
            continue
        for entry in entries:
            parts = (*above, shown(entry.name))
            one = _file_or_folder(entry, parts, limits)
            if one is None:
                waiting.append((entry.path, parts))
            else:
                found.append(one)
            if len(found) > limits.entries:
                raise CannotCollect(
                    f"{root} holds more than {limits.entries:,} files; give one class."
                )
    return found


def _entries(folder: str) -> list[os.DirEntry]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    return [entry for entry in listed if not ignored(entry.name)]


def _file_or_folder(entry: os.DirEntry, parts: tuple[str, ...], limits: Limits) -> Found | None:
    """Return a file, or what is refused; None stands for a folder to go through."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return _refused(parts, f"cannot be read: {error.strerror or error}.")
    mode, time = status.st_mode, status.st_mtime
    # A junction of Windows is a link too.
    if stat.S_ISLNK(mode) or getattr(entry, "is_junction", bool)():
        return _refused(_of_link(parts), LINK, time)
    if stat.S_ISDIR(mode):
        too_deep = len(parts) > limits.depth
        return _refused((*parts, ""), _TOO_DEEP.format(limits.depth)) if too_deep else None
    if not stat.S_ISREG(mode):
        return _refused(parts, "is not a regular file.", time)
    if status.st_size > limits.file_bytes:
        return _refused(parts, _TOO_LARGE.format(limits.file_bytes // MEGABYTE), time)
    return Found(parts, OnDisk(entry.path, limits.file_bytes), status.st_size, time)


def _refused(parts: tuple[str, ...], reason: str, time: float = 0.0) -> Found:
    # It is not read, so it takes no part in the sum of all sizes.
    return Found(parts, Refused(reason), 0, time)


def _of_link(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a link: without an ending, it stands for a folder.

    What it points to is not looked at.
    """
    return parts if _FILE.fullmatch(parts[-1]) else (*parts, "")


def find_in_archive(path: Path, limits: Limits) -> tuple[list[Found], list[Problem]]:
    """Return the files in a zip archive, and the entries that have no place in a class."""
    found: list[Found] = []
    problems: list[Problem] = []
    entries = _contents(path, limits)
    shared = _overlapping(entries)
    for entry in entries:
        name = _entry_name(entry)
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        if any(ignored(part) for part in parts) or entry.is_dir() or name.endswith("/"):
            continue
        if name.startswith("/") or ".." in parts or name[1:2] == ":" or not parts:
            # Such a path does not say whose it is.
            reason = _OUTSIDE if parts else "has no name, and was left out."
            problems.append(Problem(shown(name[:_LONGEST_NAME]), reason))
            continue
        reason = _refusal(entry, name, parts, limits)
        if entry.header_offset in shared:
            reason = "shares its bytes with another entry of the archive, as in a zip bomb."
        if reason:
            parts = tuple(map(shown, _shortened(parts, limits)))
            parts = _of_link(parts) if reason == LINK else parts
            found.append(_refused(parts, reason, _time_of(entry)))
            continue
        place = InArchive(
            os.fspath(path),
            entry.header_offset,
            entry.compress_size,
            entry.file_size,
            entry.compress_type,
            entry.CRC,
        )
        found.append(Found(tuple(map(shown, parts)), place, entry.file_size, _time_of(entry)))
    return found, problems


def _contents(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the table of contents of an archive."""
    try:
        _check_directory(path, limits)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except CannotCollect:
        raise
    except OSError as error:
        raise CannotCollect(_no_entry(path, error)) from None
    except (zipfile.BadZipFile, struct.error, ValueError, EOFError, NotImplementedError):
        raise CannotCollect(
            f"{path.name} is damaged, or is not a zip archive; download it again."
        ) from None
    if len(entries) > limits.entries:
        raise CannotCollect(
            f"{path.name} holds more than {limits.entries:,} entries; give one class."
        )
    return entries


def ignored(name: str) -> bool:
    """Return whether a file or folder is left by an editor or a system, and no work."""
    if name in (".", ".."):
        return False
    return name.startswith((".", "~$")) or name.lower() in _IGNORED


def shown(name: str) -> str:
    """Return a name as text that can be printed, stored and compared on every machine."""
    # Bytes that are no text came as surrogates, which are not printable.
    text = "".join(map(_printable, name))
    return unicodedata.normalize("NFC", text)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    is_space = unicodedata.category(character) == "Zs"
    return " " if is_space else "\N{REPLACEMENT CHARACTER}"


def _shortened(parts: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    """Return a path of a length that can be worked with, which still begins with its owner."""
    if len(parts) > limits.depth + 1:
        parts = (*parts[: limits.depth], "...", parts[-1])
    return tuple(
        part if len(part) <= _LONGEST_PART else f"{part[:100]}...{part[-50:]}" for part in parts
    )


def _refusal(entry: zipfile.ZipInfo, name: str, parts: tuple[str, ...], limits: Limits) -> str:
    """Return why an entry must not be read, or ``""``."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return LINK
    if entry.flag_bits & 0x1:
        return "is encrypted; pack the archive again without a password."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method that is not read here; pack it again as a plain zip."
    if len(name) > _LONGEST_NAME:
        return f"has a name of more than {_LONGEST_NAME:,} letters, and was left out."
    if len(parts) > limits.depth + 1:
        return _TOO_DEEP.format(limits.depth)
    if entry.file_size > limits.file_bytes:
        return _TOO_LARGE.format(limits.file_bytes // MEGABYTE)
    if entry.file_size > MEGABYTE and entry.file_size > limits.ratio * entry.compress_size:
        return f"would grow more than {limits.ratio} times when unpacked, and was refused."
    if entry.compress_type == zipfile.ZIP_STORED and entry.compress_size != entry.file_size:
        return "is damaged in the archive."
    return ""


def _overlapping(entries: list[zipfile.ZipInfo]) -> set[int]:
    """Return the offsets of entries that lie inside of other entries."""
    shared = set()
    end, before = 0, -1
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            shared |= {before, entry.header_offset}
        end = max(end, entry.header_offset + 30 + entry.compress_size)
        before = entry.header_offset
    return shared


def _entry_name(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename.partition("\0")[0]
    if not entry.flag_bits & 0x800:
        # The entry does not say how its name is written. Most that hold UTF-8 do not say so.
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    return name.replace("\\", "/")


def _time_of(entry: zipfile.ZipInfo) -> float:
    # Only ever compared: days and months need not be counted exactly.
    year, month, day, hour, minute, second = entry.date_time
    return (((year * 12 + month) * 31 + day) * 24 + hour) * 3600 + minute * 60 + second


def _check_directory(path: Path, limits: Limits) -> None:
    """Refuse an archive whose table of contents alone would fill the memory."""
    with open(path, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise CannotCollect(f"{path} is not a regular file.")
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 65_557))
        tail = file.read(65_557)
    for size in _declared_sizes(tail):
        if size > limits.directory_bytes and size <= end:
            raise CannotCollect(
                f"{path.name} holds more entries than a class has files, and was not opened."
            )


def _declared_sizes(tail: bytes) -> Iterator[int]:
    place = tail.rfind(b"PK\x05\x06")
    if place >= 0 and len(tail) >= place + 16:
        yield struct.unpack_from("<I", tail, place + 12)[0]
    place = tail.rfind(b"PK\x06\x06")
    if place >= 0 and len(tail) >= place + 48:
        yield struct.unpack_from("<Q", tail, place + 40)[0]


def _no_entry(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no {path}."
    return f"{path} cannot be opened: {error.strerror or error}."
