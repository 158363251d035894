"""Why the machine refused, in Indonesian: the C library would say it in the language of the terminal."""

import errno
from collections.abc import Mapping
from types import MappingProxyType

_REASONS: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOENT: "berkas atau foldernya tidak ada",
        errno.ENOTDIR: "di jalurnya ada yang bukan folder",
        errno.EISDIR: "itu folder, bukan berkas",
        errno.EEXIST: "sudah ada",
        errno.EACCES: "tidak diizinkan bagi pengguna ini",
        errno.EPERM: "tidak diizinkan bagi pengguna ini",
        errno.ENOSPC: "penyimpanan penuh",
        errno.EDQUOT: "jatah penyimpanan habis",
        errno.EROFS: "medianya hanya dapat dibaca",
        errno.EIO: "medianya rusak atau tercabut",
        errno.ENODEV: "medianya tercabut",
        errno.ENXIO: "medianya tercabut",
        errno.ENAMETOOLONG: "namanya terlalu panjang",
    }
)


def reason(error: OSError) -> str:
    """What the system says was wrong, in a few words for a sentence's end; its own words where we have none."""
    known = _REASONS.get(error.errno) if error.errno is not None else None
    return known or error.strerror or type(error).__name__
