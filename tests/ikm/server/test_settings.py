from pathlib import Path

import pytest

from ikm.server.settings import Settings, SettingsError


def test_without_any_setting_it_is_a_file_below_the_current_folder_on_loopback():
    settings = Settings.from_environment({"PATH": "/bin"})
    assert settings.database.database == str(Path("var/server/ikm.db").absolute())
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")


def test_every_setting_is_read(tmp_path):
    settings = Settings.from_environment(
        {"IKM_DATA": str(tmp_path), "IKM_HOST": "::1", "IKM_PORT": "9000", "IKM_PUBLIC_URL": "https://skm.go.id/"}
    )
    assert settings.database.database == str(tmp_path / "ikm.db")
    assert (settings.host, settings.port, settings.public_url) == ("::1", 9000, "https://skm.go.id")
    assert Settings.from_environment({"IKM_HOST": "::1"}).public_url == "http://[::1]:8080"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_goes_through_psycopg(scheme):
    url = Settings.from_environment({"IKM_DATABASE_URL": f"{scheme}://ikm@db/ikm"}).database
    assert url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IKM_PORT", "0"), ("IKM_PORT", "65536"), ("IKM_PORT", "-1"), ("IKM_PORT", "80a"), ("IKM_PORT", ""),
        ("IKM_PORT", "٨٠"), ("IKM_HOST", ""), ("IKM_HOST", "a b"), ("IKM_HOST", "http://x"),
        ("IKM_DATABASE_URL", "mysql://x/y"), ("IKM_DATABASE_URL", "ikm.db"), ("IKM_DATABASE_URL", "sqlite://"),
        ("IKM_DATABASE_URL", "sqlite:///:memory:"), ("IKM_DATABASE_URL", "postgresql://h"),
        ("IKM_DATABASE_URL", "postgresql://h:x/d"), ("IKM_PUBLIC_URL", "skm.go.id"), ("IKM_PUBLIC_URL", "ftp://x"),
        ("IKM_PUBLIC_URL", "https://x/ikm"), ("IKM_PUBLIC_URL", "https://u:p@x"), ("IKM_PUBLIC_URL", "https://x:y"),
        ("IKM_DATABASE", "x"), ("IKM_PROT", "1"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_one_sentence_naming_the_variable(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


# -- mail ------------------------------------------------------------------------------------------------------------


def test_a_mail_server_is_named_by_its_address():
    found = Settings.from_environment(
        {"IKM_SMTP_URL": "smtps://ikm%40contoh:ra%3Ahasia@surel.contoh.go.id", "IKM_MAIL_FROM": "ikm@contoh.go.id"}
    )
    assert found.mail is not None
    assert (found.mail.host, found.mail.port, found.mail.implicit) == ("surel.contoh.go.id", 465, True)
    assert (found.mail.user, found.mail.password) == ("ikm@contoh", "ra:hasia")
    assert "hasia" not in repr(found)
    plain = Settings.from_environment({"IKM_SMTP_URL": "smtp://127.0.0.1:2525", "IKM_MAIL_FROM": "ikm@contoh.go.id"})
    assert plain.mail is not None
    assert (plain.mail.port, plain.mail.implicit, plain.mail.user) == (2525, False, "")
    assert Settings.from_environment({}).mail is None


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://surel.contoh.go.id", "ikm@contoh.go.id"),
        ("smtp://", "ikm@contoh.go.id"),
        ("smtp://surel:99999", "ikm@contoh.go.id"),
        ("smtp://surel/jalur", "ikm@contoh.go.id"),
        ("smtp://surel", ""),
        ("smtp://surel", "bukan-surel"),
        ("smtp://surel", "a@b\nBcc: x@y.id"),
    ],
)
def test_a_mail_server_that_cannot_be_understood_is_refused(url, sender):
    with pytest.raises(SettingsError):
        Settings.from_environment({"IKM_SMTP_URL": url, "IKM_MAIL_FROM": sender})
