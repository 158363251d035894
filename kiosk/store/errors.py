"""Ways the store says no. The message of each is a sentence in Indonesian for the person at the device."""


class StoreError(Exception):
    """Nothing was kept, or nothing could be read."""


class NotEnrolled(StoreError):
    """The device belongs to no counter yet, so an answer would belong to none."""

    def __init__(self) -> None:
        super().__init__("Perangkat ini belum didaftarkan. Jalankan: kiosk enrol --server ALAMAT --code KODE")


class AlreadyEnrolled(StoreError):
    """The device belongs to a counter, and the hashes of its rows name it."""

    def __init__(self, device: str) -> None:
        super().__init__(f"Perangkat ini sudah terdaftar sebagai {device}. Loketnya: kiosk status")
