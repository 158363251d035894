"""What becomes of a device's answers on the server, in a sentence for the people who look after it."""

from collections.abc import Mapping
from types import MappingProxyType

STANDINGS: Mapping[str, str] = MappingProxyType(
    {
        "active": "Jawaban diterima dan dihitung.",
        "forked": (
            "Nomor jawaban yang sama pernah dikirim dengan isi lain; mungkin kartu memori perangkat ini disalin. "
            "Jawaban tetap diterima tetapi belum dihitung sampai pengelola memutuskan."
        ),
        "revoked": "Perangkat ini sudah dicabut. Jawaban baru disisihkan dan tidak dihitung. Hubungi pengelola.",
    }
)
"""A receipt's standing -> sentence."""
