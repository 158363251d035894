import pyotp
import pytest

from ikm.server.people import codes

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW_MS = 1_780_000_000_000
STEP = NOW_MS // 30_000


@pytest.mark.parametrize(("off", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_codes_of_the_steps_right_before_and_after_are_taken_too(off, found):
    code = pyotp.TOTP(SECRET).generate_otp(STEP + off)
    assert codes.step_of(SECRET, code, NOW_MS) == (STEP + off if found else None)
    assert codes.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW_MS) == (STEP + off if found else None)


@pytest.mark.parametrize("odd", ["", "12345", "1234567", "12345x", "１２３４５６", "-12345", "1e5000"])
def test_what_is_not_six_digits_is_no_code(odd):
    assert codes.step_of(SECRET, odd, NOW_MS) is None


def test_the_secret_offered_follows_from_the_session_and_from_the_one_before():
    offered = codes.offered_secret("token", None)
    assert offered == codes.offered_secret("token", None)
    assert len({offered, codes.offered_secret("other", None), codes.offered_secret("token", offered)}) == 3
    assert len(offered) == 32
    assert pyotp.TOTP(offered).generate_otp(STEP)
    assert codes.spaced(offered).replace(" ", "") == offered


def test_the_picture_is_an_image_of_the_account_at_this_regency():
    address = codes.address_of(SECRET, "sari@contoh.go.id", "IKM Kabupaten Contoh")
    assert address.startswith(f"otpauth://totp/IKM%20Kabupaten%20Contoh:sari%40contoh.go.id?secret={SECRET}")
    assert codes.picture(address).startswith("data:image/svg+xml")


def test_recovery_codes_are_ten_none_alike_and_kept_as_slow_hashes_of_each_person():
    made = codes.new_recovery_codes()
    assert len(set(made)) == codes.RECOVERY_CODES == 10
    kept = codes.recovery_hash(made[0], "a")
    assert kept is not None
    assert len(kept) == 32
    assert kept == codes.recovery_hash(made[0].replace("-", " ").lower(), "a") != codes.recovery_hash(made[0], "b")


@pytest.mark.parametrize("odd", ["", "BCDFG-HJKL", "BCDFG-HJKLMN", "AEIOU-AEIOU", "BCDFG-HJKL0", "ＢCDFG-HJKLM"])
def test_what_is_not_spelt_so_is_no_recovery_code(odd):
    assert codes.recovery_hash(odd, "a") is None
