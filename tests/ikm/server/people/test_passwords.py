import pytest
from argon2 import PasswordHasher, extract_parameters

from ikm.server.people import passwords
from ikm.server.people.common import _words

NAME, EMAIL = "Sari Wijaya", "sari.wijaya@contoh.go.id"


def test_a_password_is_kept_as_argon2id_with_19_mib_and_is_found_again():
    kept = passwords.kept("kuda terbang makan batu")
    found = extract_parameters(kept)
    assert (kept[:10], found.memory_cost, found.time_cost, found.parallelism) == ("$argon2id$", 19 * 1024, 2, 1)
    assert kept != passwords.kept("kuda terbang makan batu")
    assert passwords.matches(kept, "kuda terbang makan batu")
    assert not passwords.matches(kept, "kuda terbang makan batu ")
    assert not passwords.matches("no hash at all", "kuda terbang makan batu")


def test_nobody_has_no_password_and_costs_the_same_work(monkeypatch):
    done = []
    right = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *given: done.append(given[0]) or right(self, *given))
    assert not passwords.matches(None, "-")
    assert not passwords.matches(passwords.kept("kuda terbang makan batu"), "-")
    assert len(done) == 2
    assert extract_parameters(done[0]) == extract_parameters(done[1])


def test_a_hash_of_other_parameters_is_outdated():
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))
    assert not passwords.is_outdated(passwords.kept("x"))


@pytest.mark.parametrize("good", [
    "kuda terbang makan batu", "ujian kereta malam", "x7!Rk2#pQ9z@", "🐴 terbang makan batu", "ꦱꦥꦶꦏꦸꦢꦩꦤꦸꦏ꧀ꦲꦪꦩ꧀",
    "    spasi di depan", "z" + "abcdefg " * 24 + "qkx",
])  # fmt: skip
def test_any_signs_make_a_good_password(good):
    assert passwords.fault(good, EMAIL, NAME) == ""
    assert passwords.matches(passwords.kept(good), good)


@pytest.mark.parametrize("short", ["", "kudaterbang", "🐴" * 11])
def test_fewer_than_twelve_signs_are_too_few(short):
    assert passwords.fault(short, EMAIL, NAME).startswith("Paling sedikit 12")


def test_more_than_two_hundred_signs_are_too_many():
    assert passwords.fault("kuda terbang" * 17, EMAIL, NAME).startswith("Paling banyak 200")


@pytest.mark.parametrize(
    "own", ["SARI makan batu merah", "batu merah wijaya", "sari.wijaya sawah hijau", f"x {EMAIL} x"]
)
def test_ones_own_name_and_address_are_no_password(own):
    assert "nama atau surel" in passwords.fault(own, EMAIL, NAME)


@pytest.mark.parametrize("common", [
    "kabupaten2026", "Password1234", "P@ssw0rd1234", "bismillah12345", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa",
    "abcabcabcabc", "Sekadau2024!!", "adminadmin123", "Pelayanan#Prima2026", "1q2w3e4r5t6y", "merdeka17081945",
    "dinaskesehatan2025", "081234567890", "6281234567890", "3201234567890001", "198501012010011001",
    "indonesiamaju1", "!!!!!!!!!!!!", "rahasia-rahasia", "januari.2026.", "lkjhgfdsapoiuyt",
])  # fmt: skip
def test_what_is_tried_first_is_no_password(common):
    assert "terlalu mudah ditebak" in passwords.fault(common, EMAIL, NAME)


def test_every_known_word_with_a_year_is_refused():
    assert len(_words()) > 250
    for word in sorted(_words()):
        for guess in (
            f"{word}{2026:0>{max(4, 12 - len(word))}}",
            f"{word.capitalize()}@2026!!!!!!!!",
            f"{word * 3}2025",
        ):
            if len(guess) >= passwords.LEAST:
                assert passwords.fault(guess), guess


def test_the_same_word_from_another_keyboard_is_the_same_password():
    assert passwords.matches(passwords.kept("café di tepi sawah"), "cafe\u0301 di tepi sawah")
